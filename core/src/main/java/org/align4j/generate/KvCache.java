package org.align4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.align4j.model.Attention;
import org.align4j.tensor.Crew;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Keys and values of growing sequences that share prompts: a prompt's stand here once for all its completions, and each
 * row has those of its own tokens. Both begin at slot 0 and are padded at the end, so that what is computed for a row
 * does not depend on its neighbours. They are float32, since products with few rows of bf16 are slower.
 *
 * <p>Rows of one prompt stand together. A cache's tensors belong to the scope that was open when it was made, and
 * {@link #close} frees them before that; {@link #keep} and {@link #join} make new ones.
 */
final class KvCache implements AutoCloseable {
    /** Slots are padded to multiples of this, so that tensors seldom change their shape. */
    private static final int CHUNK = 64;
    /** Tokens of a prompt × its rows from which they share it. */
    private static final int SHARED_FROM = 1024;

    private final int[] promptLengths; // one a prompt
    private final int[] promptOf; // one a row
    private final int[] lengths; // own tokens, one a row
    private final List<Tensor> promptKeys; // each (prompts, kvHeads, slots, width)
    private final List<Tensor> promptValues;
    private final List<Tensor> keys; // each (rows, kvHeads, slots, width)
    private final List<Tensor> values;

    private KvCache(
            int[] promptLengths,
            int[] promptOf,
            int[] lengths,
            List<Tensor> promptKeys,
            List<Tensor> promptValues,
            List<Tensor> keys,
            List<Tensor> values) {
        this.promptLengths = promptLengths;
        this.promptOf = promptOf;
        this.lengths = lengths;
        this.promptKeys = promptKeys;
        this.promptValues = promptValues;
        this.keys = keys;
        this.values = values;
    }

    /**
     * A cache of prompts whose rows have no tokens yet. The tensors are (prompts, kvHeads, slots, width) and pass to it.
     *
     * @param share whether a prompt stands once for all its rows; else each row has a copy among its own tokens, and
     *     nothing is to be joined
     */
    static KvCache of(
            int[] promptLengths, int[] promptOf, List<Tensor> promptKeys, List<Tensor> promptValues, boolean share) {
        int layers = promptKeys.size();
        if (!share) {
            KvCache copied = new KvCache(
                    new int[promptLengths.length],
                    promptOf,
                    Arrays.stream(promptOf).map(p -> promptLengths[p]).toArray(),
                    kept(layers, layer -> promptKeys.get(layer).narrow(2, 0, 0)),
                    kept(layers, layer -> promptValues.get(layer).narrow(2, 0, 0)),
                    copies(promptKeys, promptOf),
                    copies(promptValues, promptOf));
            for (List<Tensor> tensors : List.of(promptKeys, promptValues)) {
                tensors.forEach(Tensor::close);
            }
            return copied;
        }
        IntFunction<Tensor> empty = layer -> {
            Tensor prompts = promptKeys.get(layer);
            return Tensor.zeros(Dtype.F32, promptOf.length, prompts.size(1), CHUNK, prompts.size(3));
        };
        return new KvCache(
                promptLengths,
                promptOf,
                new int[promptOf.length],
                promptKeys,
                promptValues,
                kept(layers, empty),
                kept(layers, empty));
    }

    /** Whether rows share a prompt: where copies would be read longer than it takes to join two parts of attention. */
    static boolean shares(int promptLength, int rows) {
        return (long) promptLength * rows > SHARED_FROM;
    }

    /** Tokens that a prompt and its rows hold at most. */
    static long tokens(int promptLength, int rows, int newTokens) {
        long prompts = shares(promptLength, rows) ? 1 : rows;
        return prompts * promptLength + (long) rows * newTokens;
    }

    /** A prompt's keys or values for each of its rows, with room for more. */
    private static List<Tensor> copies(List<Tensor> prompts, int[] promptOf) {
        return kept(prompts.size(), layer -> {
            Tensor rows = prompts.get(layer).indexSelect(0, Tensor.of(promptOf));
            return padSlots(rows, padded((int) rows.size(2) + CHUNK));
        });
    }

    static int padded(int slots) {
        return (slots + CHUNK - 1) / CHUNK * CHUNK;
    }

    int rows() {
        return promptOf.length;
    }

    /** The position of each row's next token. */
    int[] positions() {
        int[] positions = new int[rows()];
        for (int r = 0; r < positions.length; r++) {
            positions[r] = promptLengths[promptOf[r]] + lengths[r];
        }
        return positions;
    }

    /** Attention for one new token of every row, which is then part of the cache; there must be room. */
    Attention next(Crew crew) {
        Attention attention = new SharedPromptAttention(
                crew, promptLengths, promptOf, lengths.clone(), promptKeys, promptValues, keys, values);
        for (int r = 0; r < lengths.length; r++) {
            lengths[r]++;
        }
        return attention;
    }

    /** Makes room for another token. Not in a scope that ends before the cache does: it would own the new tensors. */
    void makeRoom() {
        int longest = Arrays.stream(lengths).max().orElseThrow() + 1;
        if (longest <= keys.get(0).size(2)) {
            return;
        }
        for (List<Tensor> tensors : List.of(keys, values)) {
            for (int layer = 0; layer < tensors.size(); layer++) {
                Tensor old = tensors.get(layer);
                int slots = padded((int) old.size(2) * 5 / 4 + 1);
                tensors.set(layer, kept(() -> padSlots(old, slots)));
                old.close();
            }
        }
    }

    /** The cache of these rows, in this order, which keeps rows of one prompt together; this one is closed. */
    KvCache keep(int[] rows) {
        int[] newPlace = new int[promptLengths.length];
        Arrays.fill(newPlace, -1);
        int[] prompts = new int[promptLengths.length];
        int count = 0;
        int[] newPromptOf = new int[rows.length];
        for (int r = 0; r < rows.length; r++) {
            int prompt = promptOf[rows[r]];
            if (newPlace[prompt] < 0) {
                newPlace[prompt] = count;
                prompts[count] = prompt;
                count++;
            }
            newPromptOf[r] = newPlace[prompt];
        }
        int[] keptPrompts = Arrays.copyOf(prompts, count);
        KvCache smaller = new KvCache(
                pick(promptLengths, keptPrompts),
                newPromptOf,
                pick(lengths, rows),
                select(promptKeys, keptPrompts),
                select(promptValues, keptPrompts),
                select(keys, rows),
                select(values, rows));
        close();
        return smaller;
    }

    /** The rows of both, those of {@code first} first; both are closed. */
    static KvCache join(KvCache first, KvCache second) {
        int[] promptOf = Arrays.copyOf(first.promptOf, first.rows() + second.rows());
        for (int r = 0; r < second.rows(); r++) {
            promptOf[first.rows() + r] = second.promptOf[r] + first.promptLengths.length;
        }
        KvCache joined = new KvCache(
                concatenated(first.promptLengths, second.promptLengths),
                promptOf,
                concatenated(first.lengths, second.lengths),
                stacked(first.promptKeys, second.promptKeys),
                stacked(first.promptValues, second.promptValues),
                stacked(first.keys, second.keys),
                stacked(first.values, second.values));
        first.close();
        second.close();
        return joined;
    }

    private static List<Tensor> select(List<Tensor> tensors, int[] rows) {
        return kept(tensors.size(), layer -> tensors.get(layer).indexSelect(0, Tensor.of(rows)));
    }

    private static List<Tensor> stacked(List<Tensor> first, List<Tensor> second) {
        return kept(first.size(), layer -> {
            int slots =
                    (int) Math.max(first.get(layer).size(2), second.get(layer).size(2));
            return Tensor.cat(List.of(padSlots(first.get(layer), slots), padSlots(second.get(layer), slots)), 0);
        });
    }

    private static Tensor padSlots(Tensor tensor, int slots) {
        if (tensor.size(2) == slots) {
            return tensor;
        }
        Tensor padding =
                Tensor.zeros(Dtype.F32, tensor.size(0), tensor.size(1), slots - tensor.size(2), tensor.size(3));
        return Tensor.cat(List.of(tensor, padding), 2);
    }

    private static List<Tensor> kept(int layers, IntFunction<Tensor> make) {
        List<Tensor> tensors = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            int index = layer;
            tensors.add(kept(() -> make.apply(index)));
        }
        return tensors;
    }

    private static Tensor kept(Supplier<Tensor> make) {
        try (StepScope scope = StepScope.open()) {
            return scope.keep(make.get());
        }
    }

    private static int[] pick(int[] values, int[] indices) {
        int[] picked = new int[indices.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = values[indices[i]];
        }
        return picked;
    }

    private static int[] concatenated(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @Override
    public void close() {
        for (List<Tensor> tensors : List.of(promptKeys, promptValues, keys, values)) {
            tensors.forEach(Tensor::close);
        }
    }
}
