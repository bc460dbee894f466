package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.Words;
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
        List<int[]> copies = new ArrayList<>();
        List<SourceWeight> weights =
                SourceWeight.of(config.dataWeights(), config.data().size());
        SplittableRandom random = new SplittableRandom(config.seed()).split();
        for (int s = 0; s < weights.size(); s++) {
            Path source = config.data().get(s);
            int rows = read(source, fillings.apply(s), store, listener);
            copies.add(weights.get(s).copies(rows, random, source));
        }
        boolean[] held = new boolean[store.size()];
        int[] eval = {};
        if (config.evalSplit() > 0) {
            eval = heldOut(seen(copies, held, 0), config);
            Arrays.stream(eval).forEach(row -> held[row] = true);
        }
        int[] train = inTraining(copies, held);
        if (weights.size() > 1 || config.dataWeights().isPresent()) {
            report(config.data(), copies, train, listener);
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

    private static int read(Path file, Filling filling, RowStore store, RunListener listener) {
        int before = store.size();
        filling.read(file, store).summary().forEach(listener::message);
        return store.size() - before;
    }

    private static void report(List<Path> sources, List<int[]> copies, int[] train, RunListener listener) {
        int from = 0;
        for (int s = 0; s < sources.size(); s++) {
            int first = from;
            int end = first + copies.get(s).length;
            long seen =
                    IntStream.of(train).filter(row -> row >= first && row < end).count();
            listener.message(
                    "%s: %s, %,d in an epoch".formatted(sources.get(s), Words.count(end - first, "row"), seen));
            from = end;
        }
    }

    /** The rows of an epoch in the order of the sources; what is seen more than once comes again when all were seen. */
    private static int[] inTraining(List<int[]> copies, boolean[] held) {
        int most = copies.stream().flatMapToInt(IntStream::of).max().orElse(0);
        IntStream.Builder rows = IntStream.builder();
        for (int pass = 0; pass < most; pass++) {
            for (int row : seen(copies, held, pass)) {
                rows.add(row);
            }
        }
        return rows.build().toArray();
    }

    /** Rows that are seen more often than {@code times} and are not held out. */
    private static int[] seen(List<int[]> copies, boolean[] held, int times) {
        IntStream.Builder rows = IntStream.builder();
        int row = 0;
        for (int[] ofSource : copies) {
            for (int each : ofSource) {
                if (each > times && !held[row]) {
                    rows.add(row);
                }
                row++;
            }
        }
        return rows.build().toArray();
    }

    /** Refuses data without scores where the objective of that index needs them. */
    void requireScores(int objective, String lossType) {
        for (TokenizedRankings rankings : List.of(train, eval)) {
            for (TokenTree tree : rankings.trees()) {
                if (tree.objective() == objective
                        && tree.branches().stream().anyMatch(branch -> Double.isNaN(branch.score()))) {
                    throw AlignException.badInput(rankings.sources().get(tree.row())
                            + ": has no scores, which loss_type "
                            + lossType + " (or margin_coef) needs; expected `scores` of completions, or for a pair"
                            + " `margin`, or `score_chosen` and `score_rejected`");
                }
            }
        }
    }

    /** Rows drawn without regard to their order in the file, which is often sorted by something. */
    private static int[] heldOut(int[] rows, TrainingConfig config) {
        int count = (int) (config.evalSplit() < 1 ? Math.round(rows.length * config.evalSplit()) : config.evalSplit());
        if (count < 1 || count >= rows.length) {
            throw AlignException.usage("eval_split is " + config.evalSplit() + ", which holds out " + count + " of "
                    + rows.length + " rows; expected at least one row on each side");
        }
        boolean[] drawn = SourceWeight.drawn(rows.length, count, new SplittableRandom(config.seed()));
        return IntStream.range(0, rows.length)
                .filter(i -> drawn[i])
                .map(i -> rows[i])
                .toArray();
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
                throw AlignException.badInput(
                        files.stream().map(Path::toString).collect(Collectors.joining(", ")) + ": no row is left for "
                                + use + "; raise max_length (now "
                                + tokenized.report().maxLength() + ")");
            }
        }
        return tokenized;
    }
}
