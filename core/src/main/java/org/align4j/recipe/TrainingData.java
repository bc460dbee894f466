package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.data.BadRows;
import org.align4j.data.Ranking;
import org.align4j.data.RowStore;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.text.Tokenizer;

/** Training and evaluation rows of a run as token trees. {@code eval} is empty when there are none. */
record TrainingData(TokenizedRankings train, TokenizedRankings eval) {

    /** Reads a file's rows, whatever a command trains on, and hands them on one by one. */
    interface RowReader {
        BadRows read(Path file, Consumer<Ranking> consumer);
    }

    /** Reads, splits and tokenizes what the configuration names. */
    static TrainingData load(
            TrainingConfig config, RowReader reader, Tokenizer tokenizer, RowStore store, RunListener listener) {
        return load(config, config.maxLength(), config.maxLength(), reader, tokenizer, store, listener);
    }

    /**
     * The same with another limit, in tokens, on the rows to train on.
     *
     * @param storedLength tokens of a row that are stored, not less than either limit
     * @param store of tokenized rows, empty; it must stay open as long as the data are used
     */
    static TrainingData load(
            TrainingConfig config,
            int trainMaxLength,
            int storedLength,
            RowReader reader,
            Tokenizer tokenizer,
            RowStore store,
            RunListener listener) {
        TreeBuilder builder = new TreeBuilder(tokenizer, storedLength);
        read(config.data(), reader, builder.fill(store), listener);
        int[] train = IntStream.range(0, store.size()).toArray();
        int[] eval = {};
        if (config.evalData().isPresent()) {
            read(config.evalData().get(), reader, builder.fill(store), listener);
            eval = IntStream.range(train.length, store.size()).toArray();
        } else if (config.evalSplit() > 0) {
            boolean[] held = heldOut(train.length, config);
            eval = Arrays.stream(train).filter(row -> held[row]).toArray();
            train = Arrays.stream(train).filter(row -> !held[row]).toArray();
        }
        return new TrainingData(
                select(new TreeBuilder(tokenizer, trainMaxLength), store, train, config.data(), "training", listener),
                select(
                        new TreeBuilder(tokenizer, config.maxLength()),
                        store,
                        eval,
                        config.evalData().orElse(config.data()),
                        "evaluation",
                        listener));
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

    private static void read(Path file, RowReader reader, TreeBuilder.Filling rows, RunListener listener) {
        BadRows bad = reader.read(file, rows);
        rows.finish();
        bad.summary().forEach(listener::message);
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

    private static TokenizedRankings select(
            TreeBuilder builder, RowStore store, int[] rows, Path file, String use, RunListener listener) {
        TokenizedRankings tokenized = builder.select(store, rows);
        if (rows.length > 0) {
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
