package org.align4j.generate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.model.Architecture;
import org.align4j.model.Attention;
import org.align4j.model.TreeAttention;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/**
 * Keys and values of many growing sequences. Sequences end at the same slot: shorter prompts begin later, so that every
 * new token of every sequence goes into one column.
 *
 * <p>Its tensors belong to the step scope that was open when it was made.
 */
final class KvCache {
    private final int capacity;
    private final List<Tensor> keys = new ArrayList<>(); // each (sequences, kvHeads, capacity, width)
    private final List<Tensor> values = new ArrayList<>();
    private int[] starts; // slot of each sequence's first token
    private Tensor hiddenBefore; // (sequences, 1, capacity): −∞ before a sequence's start
    private int used;

    /**
     * @param lengths prompt length of each sequence
     * @param capacity slots: the longest prompt and all new tokens
     */
    KvCache(Architecture.Dimensions dimensions, Dtype dtype, int[] lengths, int capacity) {
        this.capacity = capacity;
        for (int length : lengths) {
            used = Math.max(used, length);
        }
        starts = new int[lengths.length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = used - lengths[i];
        }
        hiddenBefore = maskBefore(starts, dtype);
        for (int layer = 0; layer < dimensions.layers(); layer++) {
            long[] shape = {lengths.length, dimensions.kvHeads(), capacity, dimensions.headWidth()};
            keys.add(Tensor.zeros(dtype, shape));
            values.add(Tensor.zeros(dtype, shape));
        }
    }

    private Tensor maskBefore(int[] firsts, Dtype dtype) {
        float[] mask = new float[firsts.length * capacity];
        for (int s = 0; s < firsts.length; s++) {
            for (int slot = 0; slot < firsts[s]; slot++) {
                mask[s * capacity + slot] = Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.of(mask, firsts.length, 1, 1, capacity).to(dtype);
    }

    /**
     * Attention for prompts packed one after the other, each kept here for {@code copies} sequences.
     *
     * @param batch each prompt as the only branch of a tree without trunk
     */
    Attention prefill(PackedBatch batch, int copies) {
        TreeAttention trees = new TreeAttention(batch);
        return (layer, queries, newKeys, newValues, scoring) -> {
            for (int p = 0; p < batch.trees().size(); p++) {
                PackedBatch.Segment prompt = batch.segments().get(2 * p + 1);
                store(keys.get(layer), newKeys, prompt, p * copies, copies);
                store(values.get(layer), newValues, prompt, p * copies, copies);
            }
            return trees.attend(layer, queries, newKeys, newValues, scoring);
        };
    }

    private void store(Tensor cache, Tensor row, PackedBatch.Segment prompt, int firstSequence, int copies) {
        Tensor part = row.narrow(0, prompt.start(), prompt.length()).transpose(0, 1); // (kvHeads, length, width)
        cache.narrow(0, firstSequence, copies)
                .narrow(2, starts[firstSequence], prompt.length())
                .copyInPlace(part); // broadcasts over the copies
    }

    /** Attention for one new token of every sequence, in the next slot. */
    Attention next() {
        int slot = used;
        used++;
        Map<Integer, Tensor> masks = new HashMap<>();
        return (layer, queries, newKeys, newValues, scoring) -> {
            long sequences = queries.size(0);
            long kvHeads = newKeys.size(1);
            long width = queries.size(2);
            long group = queries.size(1) / kvHeads;
            keys.get(layer).narrow(2, slot, 1).copyInPlace(newKeys.reshape(sequences, kvHeads, 1, width));
            values.get(layer).narrow(2, slot, 1).copyInPlace(newValues.reshape(sequences, kvHeads, 1, width));
            Tensor mask = masks.computeIfAbsent(scoring.window(), w -> mask(slot, w, queries.dtype()));
            return queries.mul(scoring.scale())
                    .reshape(sequences, kvHeads, group, width)
                    .matmul(keys.get(layer).narrow(2, 0, slot + 1).transpose(2, 3))
                    .softCap(scoring.cap())
                    .add(mask)
                    .softmax()
                    .matmul(values.get(layer).narrow(2, 0, slot + 1))
                    .reshape(sequences, kvHeads * group * width);
        };
    }

    /** (sequences, 1, 1, slot + 1). */
    private Tensor mask(int slot, int window, Dtype dtype) {
        if (window > slot) {
            return hiddenBefore.narrow(3, 0, slot + 1);
        }
        int[] firsts = new int[starts.length];
        for (int s = 0; s < firsts.length; s++) {
            firsts[s] = Math.max(starts[s], slot - window + 1);
        }
        return maskBefore(firsts, dtype).narrow(3, 0, slot + 1);
    }

    /** Drops all sequences but these, given by their present places. */
    void keep(int[] sequences) {
        Tensor index = Tensor.of(sequences);
        for (int layer = 0; layer < keys.size(); layer++) {
            keys.set(layer, shrink(keys.get(layer), index));
            values.set(layer, shrink(values.get(layer), index));
        }
        int[] kept = new int[sequences.length];
        for (int s = 0; s < kept.length; s++) {
            kept[s] = starts[sequences[s]];
        }
        starts = kept;
        hiddenBefore = hiddenBefore.indexSelect(0, index);
    }

    private static Tensor shrink(Tensor cache, Tensor index) {
        Tensor smaller = cache.indexSelect(0, index);
        cache.close();
        return smaller;
    }
}
