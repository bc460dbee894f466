package org.align4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.align4j.data.Lazily;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;

/**
 * Which examples each step trains on. The order of an epoch depends on nothing but the seed and the epoch's number, so a
 * resumed run needs only its step to go on where it stopped.
 */
public final class BatchPlan {
    private final List<List<TokenTree>> units;
    private final int batchSize;
    private final boolean shuffle;
    private final long seed;

    private int orderedEpoch = -1;
    private int[] order;

    /**
     * @param units what is never parted: a single tree, or trees that must be in one batch; asked for in every step
     * @param batchSize units of one step
     */
    public BatchPlan(List<List<TokenTree>> units, int batchSize, boolean shuffle, long seed) {
        this.units = units;
        this.batchSize = batchSize;
        this.shuffle = shuffle;
        this.seed = seed;
    }

    /** Every tree for itself. */
    public static List<List<TokenTree>> single(List<TokenTree> trees) {
        return Lazily.list(trees.size(), i -> trees.subList(i, i + 1));
    }

    /** Steps of one epoch; the last one may be smaller. */
    public int stepsPerEpoch() {
        return (units.size() + batchSize - 1) / batchSize;
    }

    /** The examples of a step, counted from 0 over all epochs. */
    public List<TokenTree> batch(int step) {
        int epoch = step / stepsPerEpoch();
        int from = step % stepsPerEpoch() * batchSize;
        int to = Math.min(units.size(), from + batchSize);
        int[] rows = order(epoch);
        List<TokenTree> batch = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            batch.addAll(units.get(rows[i]));
        }
        return batch;
    }

    /** How many examples the first {@code steps} steps, of one epoch at most, have. Nothing is read for it. */
    public int examples(int steps) {
        int[] rows = order(0);
        int examples = 0;
        for (int i = 0; i < Math.min((long) steps * batchSize, rows.length); i++) {
            examples += units.get(rows[i]).size();
        }
        return examples;
    }

    /**
     * The examples of the first {@code steps} steps, packed as training packs them, made anew whenever they are gone
     * through.
     */
    public Iterable<PackedBatch> packed(int steps, int tokenBudget) {
        return () -> IntStream.range(0, steps)
                .boxed()
                .flatMap(step -> PackedBatch.split(batch(step), tokenBudget).stream())
                .iterator();
    }

    private int[] order(int epoch) {
        if (epoch != orderedEpoch) {
            order = new int[units.size()];
            for (int i = 0; i < order.length; i++) {
                order[i] = i;
            }
            if (shuffle) {
                // Fisher and Yates, with a stream of its own for every epoch.
                SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
                for (int i = order.length - 1; i > 0; i--) {
                    int j = random.nextInt(i + 1);
                    int swap = order[i];
                    order[i] = order[j];
                    order[j] = swap;
                }
            }
            orderedEpoch = epoch;
        }
        return order;
    }
}
