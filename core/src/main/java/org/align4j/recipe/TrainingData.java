package org.align4j.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
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

    /** How the rows of a source are read, and the index of the objective that judges them. */
    record Reading(RowReader reader, int objective) {

        /** Rankings, as a builder tokenizes them, until the listener asks to stop. */
        Filling with(TreeBuilder builder, RunListener listener) {
            return (file, store) -> {
                TreeBuilder.Filling rows = builder.fill(store, objective);
                BadRows bad = reader.read(file, row -> {
                    if (listener.stopRequested()) {
                        throw new RunInterrupted();
                    }
                    rows.accept(row);
                });
                rows.finish();
                return bad;
            };
        }
    }

    /** Reads and tokenizes a file's rows. */
    interface Filling {
        BadRows read(Path file, RowStore store);
    }

    /** Makes trees of some of the rows. */
    interface Selection {
        TokenizedRankings of(RowStore store, int[] rows);
    }

    /** Reads, splits and tokenizes what the configuration names. */
    static TrainingData load(
            TrainingConfig config, RowReader reader, Tokenizer tokenizer, RowStore store, RunListener listener) {
        return load(config, source -> new Reading(reader, 0), tokenizer, store, listener);
    }

    /** The same with a reader for each source, from 0 on. */
    static TrainingData load(
            TrainingConfig config,
            IntFunction<Reading> readings,
            Tokenizer tokenizer,
            RowStore store,
            RunListener listener) {
        return load(config, config.maxLength(), config.maxLength(), readings, tokenizer, store, listener);
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
            IntFunction<Reading> readings,
            Tokenizer tokenizer,
            RowStore store,
            RunListener listener) {
        TreeBuilder longest = new TreeBuilder(tokenizer, storedLength);
        return load(
                config,
                source -> readings.apply(source).with(longest, listener),
                new TreeBuilder(tokenizer, trainMaxLength)::select,
                new TreeBuilder(tokenizer, config.maxLength())::select,
                store,
                listener);
    }

    /** The same of any rows, for which is said how they become trees. */
    static TrainingData load(
            TrainingConfig config,
            IntFunction<Filling> fillings,
            Selection trainTrees,
            Selection evalTrees,
            RowStore store,
            RunListener listener) {
        int[] ends = new int[config.data().size()]; // of the sources in the store
        for (int s = 0; s < ends.length; s++) {
            read(config.data().get(s), fillings.apply(s), store, listener);
            ends[s] = store.size();
        }
        SourceRows mixture = new SourceRows(config, ends);
        int[] eval = mixture.heldOut();
        int[] train = mixture.trained();
        if (ends.length > 1 || config.dataWeights().isPresent()) {
            mixture.report().forEach(listener::message);
        }
        if (!config.evalData().isEmpty()) {
            int first = store.size();
            for (int s = 0; s < config.evalData().size(); s++) {
                read(config.evalData().get(s), fillings.apply(s), store, listener);
            }
            eval = IntStream.range(first, store.size()).toArray();
        }
        List<Path> evalFiles = config.evalData().isEmpty() ? config.data() : config.evalData();
        return new TrainingData(
                select(trainTrees, store, train, config.data(), "training", listener),
                select(evalTrees, store, eval, evalFiles, "evaluation", listener));
    }

    private static void read(Path file, Filling filling, RowStore store, RunListener listener) {
        filling.read(file, store).summary().forEach(listener::message);
    }

    /**
     * Refuses data without scores where the objective of that index needs them.
     *
     * @param why the key and value that ask for them
     */
    void requireScores(int objective, String why) {
        for (TokenizedRankings rankings : List.of(train, eval)) {
            for (TokenTree tree : rankings.trees()) {
                if (tree.objective() == objective
                        && tree.branches().stream().anyMatch(branch -> Double.isNaN(branch.score()))) {
                    throw AlignException.badInput(rankings.sources().get(tree.row())
                            + ": has no scores, which "
                            + why + " needs; expected `scores` of completions, or for a pair"
                            + " `margin`, or `score_chosen` and `score_rejected`");
                }
            }
        }
    }

    private static TokenizedRankings select(
            Selection trees, RowStore store, int[] rows, List<Path> files, String use, RunListener listener) {
        TokenizedRankings tokenized = trees.of(store, rows);
        if (rows.length > 0) {
            String name = files.size() == 1 ? String.valueOf(files.get(0).getFileName()) : files.size() + " sources";
            for (String line : tokenized.report().lines()) {
                listener.message(name + " (" + use + "): " + line);
            }
            if (tokenized.trees().isEmpty()) {
                throw AlignException.badInput(files.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + ": no row is left for "
                        + use + "; raise max_length (now "
                        + tokenized.report().maxLength() + ")"
                        + (tokenized.report().tooLong() > 0 ? ", or cut completions there (long_rows: cut)" : ""));
            }
        }
        return tokenized;
    }
}
