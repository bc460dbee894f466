package org.align4j.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.Words;

/**
 * Which rows of which source a run trains on, and which it holds out. What is held out are rows of the mixture, drawn without
 * regard to their order in the file, which is often sorted by something; the weights of the sources then count for the rows
 * that are left, so that a source of {@code 500rows} gives 500 to every epoch.
 */
final class SourceRows {
    private final TrainingConfig config;
    private final int[] ends;
    private final boolean[] held;
    private int[] copies; // how often an epoch sees each row

    /** @param ends of the sources, one after the other, in rows */
    SourceRows(TrainingConfig config, int[] ends) {
        this.config = config;
        this.ends = ends;
        this.held = new boolean[ends[ends.length - 1]];
        SplittableRandom random = new SplittableRandom(config.seed()).split();
        copies = copies(random);
        if (config.evalSplit() > 0) {
            holdOut();
            copies = copies(random);
        }
    }

    private int[] copies(SplittableRandom random) {
        List<SourceWeight> weights = SourceWeight.of(config.dataWeights(), ends.length);
        int[] copies = new int[held.length];
        for (int s = 0; s < ends.length; s++) {
            int[] left =
                    IntStream.range(begin(s), ends[s]).filter(row -> !held[row]).toArray();
            if (left.length == 0) {
                continue; // all of it is held out, which the report says
            }
            int[] ofLeft =
                    weights.get(s).copies(left.length, random, config.data().get(s));
            for (int i = 0; i < left.length; i++) {
                copies[left[i]] = ofLeft[i];
            }
        }
        return copies;
    }

    private int begin(int source) {
        return source == 0 ? 0 : ends[source - 1];
    }

    private void holdOut() {
        int[] rows = seen(0);
        double split = config.evalSplit();
        int count = (int) (split < 1 ? Math.round(rows.length * split) : split);
        if (count < 1 || count >= rows.length) {
            throw AlignException.usage("eval_split is " + split + ", which holds out " + count + " of "
                    + Words.count(rows.length, "row") + "; expected at least one row on each side");
        }
        boolean[] drawn = SourceWeight.drawn(rows.length, count, new SplittableRandom(config.seed()));
        for (int i = 0; i < rows.length; i++) {
            held[rows[i]] = drawn[i];
        }
    }

    /** In their order; empty without {@code eval_split}. */
    int[] heldOut() {
        return IntStream.range(0, held.length).filter(row -> held[row]).toArray();
    }

    /** The rows of an epoch in the order of the sources; what is seen more than once comes again when all were seen. */
    int[] trained() {
        int most = IntStream.of(copies).max().orElse(0);
        return IntStream.range(0, most)
                .flatMap(times -> IntStream.of(seen(times)))
                .toArray();
    }

    /** Rows that an epoch sees more often than {@code times}. */
    private int[] seen(int times) {
        return IntStream.range(0, copies.length)
                .filter(row -> copies[row] > times)
                .toArray();
    }

    /** What becomes of each source, a line each. */
    List<String> report() {
        List<String> lines = new ArrayList<>();
        for (int s = 0; s < ends.length; s++) {
            long out =
                    IntStream.range(begin(s), ends[s]).filter(row -> held[row]).count();
            long inEpoch = IntStream.range(begin(s), ends[s])
                    .mapToLong(row -> copies[row])
                    .sum();
            lines.add("%s: %s, %s%,d in an epoch"
                    .formatted(
                            config.data().get(s),
                            Words.count(ends[s] - begin(s), "row"),
                            out > 0 ? "%,d held out, ".formatted(out) : "",
                            inEpoch));
        }
        return lines;
    }
}
