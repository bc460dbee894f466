package org.align4j.generate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.align4j.model.Attention;
import org.align4j.tensor.Crew;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.FewValues;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Attention of one new token of each row to the row's own tokens and to its prompt, where rows share it. All rows of a
 * prompt then meet its keys in one product: they are laid out in a grid of prompts × rows, padded to the prompt that
 * has most.
 */
final class SharedPromptAttention implements Attention {
    /** Numbers among the keys from which a thread more pays. */
    private static final int WORTH_A_PART = 1 << 15;
    /** Slots are read in multiples of this many. */
    private static final int SLOTS = 32;

    private final Crew crew;
    private final int[] promptLengths;
    private final int[] promptOf;
    private final int[] lengths; // own tokens before the new one
    private final List<Tensor> promptKeys;
    private final List<Tensor> promptValues;
    private final List<Tensor> keys;
    private final List<Tensor> values;
    private final int gridWidth;
    private final Tensor rowAtPlace; // (prompts × gridWidth); null where the grid is the rows themselves
    private final Tensor placeOfRow; // (rows)
    private final Map<Integer, Tensor> masks = new HashMap<>();
    private final UnaryOperator<Tensor> keeper = StepScope.keeper();
    private long[] newSlots; // of each row's heads, in a cache of (rows × kvHeads × slots)

    SharedPromptAttention(
            Crew crew,
            int[] promptLengths,
            int[] promptOf,
            int[] lengths,
            List<Tensor> promptKeys,
            List<Tensor> promptValues,
            List<Tensor> keys,
            List<Tensor> values) {
        this.crew = crew;
        this.promptLengths = promptLengths;
        this.promptOf = promptOf;
        this.lengths = lengths;
        this.promptKeys = promptKeys;
        this.promptValues = promptValues;
        this.keys = keys;
        this.values = values;

        int[] rowsOf = new int[promptLengths.length];
        int[] numberInPrompt = new int[promptOf.length];
        for (int r = 0; r < promptOf.length; r++) {
            numberInPrompt[r] = rowsOf[promptOf[r]];
            rowsOf[promptOf[r]]++;
        }
        this.gridWidth = Arrays.stream(rowsOf).max().orElseThrow();
        if (promptOf.length == promptLengths.length * gridWidth) {
            rowAtPlace = null;
            placeOfRow = null;
            return;
        }
        int[] rows = new int[promptLengths.length * gridWidth]; // padding repeats row 0, and nobody reads it
        int[] places = new int[promptOf.length];
        for (int r = 0; r < places.length; r++) {
            places[r] = promptOf[r] * gridWidth + numberInPrompt[r];
            rows[places[r]] = r;
        }
        rowAtPlace = Tensor.of(rows);
        placeOfRow = Tensor.of(places);
    }

    @Override
    public Tensor attend(int layer, Tensor queries, Tensor newKeys, Tensor newValues, Scoring scoring) {
        int rows = promptOf.length;
        int kvHeads = (int) newKeys.size(1);
        int width = (int) queries.size(2);
        int group = (int) queries.size(1) / kvHeads;
        Tensor ownKeys = keys.get(layer);
        Tensor ownValues = values.get(layer);
        append(ownKeys, newKeys);
        append(ownValues, newValues);
        long shared = promptKeys.get(layer).size(2);
        long own = ownKeys.size(2);

        if (shared == 0 && scoring.cap() == UNCAPPED && queries.dtype() == Dtype.F32) {
            Tensor mask = mask(scoring.window(), used((int) own), 0, kvHeads, Dtype.F32);
            return fused(queries, ownKeys, ownValues, mask, scoring.scale());
        }
        Tensor scaled = queries.mul(scoring.scale());
        // Batches of matrices are (rows × kvHeads, …, …).
        Tensor scores = scaled.reshape(-1, group, width)
                .matmul(ownKeys.reshape(-1, own, width).transpose(1, 2));
        if (shared > 0) {
            Tensor grid = toGrid(scaled.reshape(rows, kvHeads, group, width));
            Tensor ofPrompt = fromGrid(grid.matmul(promptKeys.get(layer).transpose(2, 3)), kvHeads, group, shared);
            scores = Tensor.cat(List.of(scores, ofPrompt.reshape(-1, group, shared)), 2);
        }
        Tensor weights = scores.softCap(scoring.cap())
                .addInPlace(mask(scoring.window(), (int) own, (int) shared, kvHeads, queries.dtype()))
                .softmax();
        if (shared == 0) {
            return weights.matmul(ownValues.reshape(-1, own, width)).reshape(rows, -1);
        }
        Tensor grid = toGrid(weights.narrow(2, own, shared).reshape(rows, kvHeads, group, shared));
        Tensor fromPrompt = fromGrid(grid.matmul(promptValues.get(layer)), kvHeads, group, width);
        return weights.narrow(2, 0, own)
                .matmul(ownValues.reshape(-1, own, width))
                .reshape(rows, -1)
                .addInPlace(fromPrompt.reshape(rows, -1));
    }

    /** Slots up to the last that is seen, as a multiple of few lengths, so that sums are the same whatever others need. */
    private int used(int slots) {
        int needed = Arrays.stream(lengths).max().orElseThrow() + 1;
        return Math.min(slots, (needed + SLOTS - 1) / SLOTS * SLOTS);
    }

    /** Attention to the rows' own tokens, each thread some of the heads: (rows, heads, width) to (rows, heads × width). */
    private Tensor fused(Tensor queries, Tensor keys, Tensor values, Tensor mask, double scale) {
        int heads = Math.toIntExact(keys.size(0) * keys.size(1));
        long slots = keys.size(2);
        long width = keys.size(3);
        long group = queries.count() / heads / width;
        long used = mask.size(2);
        Tensor ofHeads = queries.reshape(heads, 1, group, width);
        Tensor masks = mask.reshape(heads, 1, 1, used);
        Tensor result = Tensor.empty(Dtype.F32, queries.size(0), queries.size(1) * width);
        crew.share(heads, keys.count() / WORTH_A_PART, (from, count) -> {
            try (StepScope scope = StepScope.open()) {
                long[] shape = {count, 1, used, width};
                long[] strides = {slots * width, width, width, 1};
                Tensor mixed = ofHeads.narrow(0, from, count)
                        .attention(
                                keys.strided(from * slots * width, shape, strides),
                                values.strided(from * slots * width, shape, strides),
                                masks.narrow(0, from, count),
                                scale);
                int bytes = Math.toIntExact(Float.BYTES * mixed.count());
                result.bytes(Float.BYTES * from * group * width, bytes)
                        .put(mixed.contiguous().bytes(0, bytes));
            }
        });
        return result;
    }

    /** Puts each row's new key or value, (rows, kvHeads, width), into the row's next slot. */
    private void append(Tensor cache, Tensor added) {
        long kvHeads = cache.size(1);
        long slots = cache.size(2);
        if (newSlots == null) {
            newSlots = new long[Math.toIntExact(lengths.length * kvHeads)];
            for (int i = 0; i < newSlots.length; i++) {
                newSlots[i] = i * slots + lengths[(int) (i / kvHeads)];
            }
        }
        FewValues.copyRows(added.contiguous(), cache, newSlots);
    }

    /** (rows, kvHeads, group, n) to (prompts, kvHeads, gridWidth × group, n). */
    private Tensor toGrid(Tensor rows) {
        Tensor placed = rowAtPlace == null ? rows : rows.indexSelect(0, rowAtPlace);
        return placed.reshape(promptLengths.length, gridWidth, rows.size(1), rows.size(2), rows.size(3))
                .permute(0, 2, 1, 3, 4)
                .reshape(promptLengths.length, rows.size(1), gridWidth * rows.size(2), rows.size(3));
    }

    /** (prompts, kvHeads, gridWidth × group, n) to (rows, kvHeads, group, n). */
    private Tensor fromGrid(Tensor grid, int kvHeads, int group, long n) {
        Tensor placed = grid.reshape(promptLengths.length, kvHeads, gridWidth, group, n)
                .permute(0, 2, 1, 3, 4)
                .reshape((long) promptLengths.length * gridWidth, kvHeads, group, n);
        return placeOfRow == null ? placed : placed.indexSelect(0, placeOfRow);
    }

    /** (rows × kvHeads, 1, own + shared slots): 0 where a row sees a slot, −∞ where not. */
    private Tensor mask(int window, int own, int shared, int kvHeads, Dtype dtype) {
        return masks.computeIfAbsent(window, w -> {
            int slots = own + shared;
            float[] mask = new float[promptOf.length * kvHeads * slots];
            Arrays.fill(mask, Float.NEGATIVE_INFINITY);
            for (int i = 0; i < promptOf.length * kvHeads; i++) {
                int r = i / kvHeads;
                int promptLength = promptLengths[promptOf[r]];
                int hidden = Math.max(0, promptLength + lengths[r] + 1 - w); // tokens before the window
                int first = i * slots;
                int prompt = first + own;
                Arrays.fill(mask, first + Math.max(0, hidden - promptLength), first + lengths[r] + 1, 0);
                Arrays.fill(mask, prompt + Math.min(hidden, promptLength), prompt + promptLength, 0);
            }
            return keeper.apply(
                    Tensor.of(mask, (long) promptOf.length * kvHeads, 1, slots).to(dtype));
        });
    }
}
