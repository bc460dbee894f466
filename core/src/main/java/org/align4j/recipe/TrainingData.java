package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.align4j.AlignException;
import org.align4j.data.Ranking;
import org.align4j.data.Rows;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.text.Tokenizer;

/** Training and evaluation rows of a run as token trees. {@code eval} is empty when there are none. */
record TrainingData(TokenizedRankings train, TokenizedRankings eval) {

    /** Reads a file's rows, whatever a command trains on. */
    interface RowReader<T> {
        Rows<T> read(Path file);
    }

    /** Reads, splits and tokenizes what the configuration names. */
    static TrainingData load(
            TrainingConfig config, RowReader<Ranking> reader, Tokenizer tokenizer, RunListener listener) {
        return load(config, config.maxLength(), reader, tokenizer, listener);
    }

    /** The same with another limit, in tokens, on the rows to train on. */
    static TrainingData load(
            TrainingConfig config,
            int trainMaxLength,
            RowReader<Ranking> reader,
            Tokenizer tokenizer,
            RunListener listener) {
        return load(
                config,
                reader,
                new TreeBuilder(tokenizer, trainMaxLength)::build,
                new TreeBuilder(tokenizer, config.maxLength())::build,
                listener);
    }

    /** The same of any rows, for which is said how they become trees. */
    static <T> TrainingData load(
            TrainingConfig config,
            RowReader<T> reader,
            Function<List<T>, TokenizedRankings> trainTrees,
            Function<List<T>, TokenizedRankings> evalTrees,
            RunListener listener) {
        List<T> train = read(config.data(), reader, listener);
        List<T> eval = List.of();
        if (config.evalData().isPresent()) {
            eval = read(config.evalData().get(), reader, listener);
        } else if (config.evalSplit() > 0) {
            List<T> all = train;
            boolean[] held = heldOut(all.size(), config);
            train = new ArrayList<>();
            eval = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                (held[i] ? eval : train).add(all.get(i));
            }
        }
        return new TrainingData(
                build(trainTrees, train, config.data(), "training", listener),
                build(evalTrees, eval, config.evalData().orElse(config.data()), "evaluation", listener));
    }

    /** Refuses data without scores where the objective needs them. */
    void requireScores(String lossType) {
        for (TokenizedRankings rankings : List.of(train, eval)) {
            for (TokenTree tree : rankings.trees()) {
                if (tree.branches().stream().anyMatch(branch -> Double.isNaN(branch.score()))) {
                    throw AlignException.badInput(rankings.sources().get(tree.row())
                            + ": has no scores, which loss_type "
                            + lossType + " (or margin_coef) needs; expected `scores` of completions, or for a pair"
                            + " `margin`, or `score_chosen` and `score_rejected`");
                }
            }
        }
    }

    private static <T> List<T> read(Path file, RowReader<T> reader, RunListener listener) {
        Rows<T> rows = reader.read(file);
        for (String line : rows.bad().summary()) {
            listener.message(line);
        }
        if (rows.rows().isEmpty()) {
            throw AlignException.badInput(file + ": no usable row is left; mend the rows named above");
        }
        return rows.rows();
    }

    /** Rows drawn without regard to their order in the file, which is often sorted by something. */
    private static boolean[] heldOut(int rows, TrainingConfig config) {
        int count = (int) (config.evalSplit() < 1 ? Math.round(rows * config.evalSplit()) : config.evalSplit());
        if (count < 1 || count >= rows) {
            throw AlignException.usage("eval_split is " + config.evalSplit() + ", which holds out " + count + " of "
                    + rows + " rows; expected at least one row on each side");
        }
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        SplittableRandom random = new SplittableRandom(config.seed());
        boolean[] held = new boolean[rows];
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(rows - i);
            held[order[j]] = true;
            order[j] = order[i];
        }
        return held;
    }

    private static <T> TokenizedRankings build(
            Function<List<T>, TokenizedRankings> trees, List<T> rows, Path file, String use, RunListener listener) {
        TokenizedRankings tokenized = trees.apply(rows);
        if (!rows.isEmpty()) {
            for (String line : tokenized.report().lines()) {
                listener.message(file.getFileName() + " (" + use + "): " + line);
            }
            if (tokenized.trees().isEmpty()) {
                throw AlignException.badInput(file + ": no row is left for " + use + "; raise max_length (now "
                        + tokenized.report().maxLength() + ")");
            }
        }
        return tokenized;
    }
}
