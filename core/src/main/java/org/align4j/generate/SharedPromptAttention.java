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
import org.align4j.tensor.PartialAttention;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Attention of one new token of each row to the row's own tokens and to its prompt, where rows share it. All rows of a
 * prompt then meet its keys in one product, and what they get from the prompt is joined with what they get from their own
 * tokens. Where that does not serve, because scores are capped or a window slides over a shared prompt, all scores are
 * computed first.
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
    private final Map<Integer, Tensor> masks = new HashMap<>();
    private final UnaryOperator<Tensor> keeper = StepScope.keeper();
    private PromptGrid grid; // made when first needed
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
    }

    @Override
    public Tensor attend(int layer, Tensor queries, Tensor newKeys, Tensor newValues, Scoring scoring) {
        Crew.Range append = appending(layer, newKeys.contiguous(), newValues.contiguous());
        int rows = promptOf.length;
        boolean shares = promptKeys.get(layer).size(2) > 0;
        if (scoring.cap() == UNCAPPED && !(shares && slides(scoring.window()))) {
            return inParts(layer, queries.contiguous(), append, scoring, shares);
        }
        append.compute(0, rows * Math.toIntExact(newKeys.size(1)));
        return ofAllTokens(layer, queries.to(Dtype.F32).mul(scoring.scale()), scoring)
                .to(queries.dtype());
    }

    /** Puts new keys and values, (rows, kvHeads, width), into the next slots of some of the heads of all rows. */
    private Crew.Range appending(int layer, Tensor newKeys, Tensor newValues) {
        Tensor ownKeys = keys.get(layer);
        Tensor ownValues = values.get(layer);
        int width = Math.toIntExact(ownKeys.size(3));
        if (newSlots == null) {
            int kvHeads = Math.toIntExact(ownKeys.size(1));
            newSlots = new long[lengths.length * kvHeads];
            for (int i = 0; i < newSlots.length; i++) {
                newSlots[i] = i * ownKeys.size(2) + lengths[i / kvHeads];
            }
        }
        return (head, heads) -> {
            FewValues.copyRows(newKeys, head, heads, width, ownKeys, newSlots);
            FewValues.copyRows(newValues, head, heads, width, ownValues, newSlots);
        };
    }

    /** Whether some row no longer sees all of its prompt. */
    private boolean slides(int window) {
        for (int r = 0; r < promptOf.length; r++) {
            if (promptLengths[promptOf[r]] + lengths[r] + 1 > window) {
                return true;
            }
        }
        return false;
    }

    /**
     * Each thread some of the heads, where prompts are shared all heads of some rows: (rows, heads, width) to (rows,
     * heads × width).
     */
    private Tensor inParts(int layer, Tensor queries, Crew.Range append, Scoring scoring, boolean shares) {
        Tensor ownKeys = keys.get(layer);
        int kvHeads = Math.toIntExact(ownKeys.size(1));
        int used = used(Math.toIntExact(ownKeys.size(2)));
        int perHead = Math.toIntExact(queries.count()) / promptOf.length / kvHeads;
        Tensor masks = mask(scoring.window(), used, 0, kvHeads).reshape(-1, 1, 1, used);
        Tensor result = Tensor.empty(queries.dtype(), queries.size(0), queries.size(1) * queries.size(2));
        int unit = shares ? kvHeads : 1;
        long worth = (ownKeys.count() + (shares ? promptKeys.get(layer).count() : 0)) / WORTH_A_PART;
        crew.share(promptOf.length * kvHeads / unit, worth, (first, units) -> {
            int head = first * unit;
            int heads = units * unit;
            append.compute(head, heads);
            try (StepScope scope = StepScope.open()) {
                Tensor asked = FewValues.wide(
                        queries, (long) head * perHead, heads, 1, perHead / ownKeys.size(3), ownKeys.size(3));
                PartialAttention mixed = ofOwnTokens(layer, asked, head, masks.narrow(0, head, heads), scoring.scale());
                if (shares) {
                    joinPrompts(layer, mixed, asked, first, units, scoring.scale());
                }
                FewValues.put(mixed.mixed(), result, (long) head * perHead);
            }
        });
        return result;
    }

    /** Of some heads: queries (heads, 1, group, width) and masks (heads, 1, 1, slots in use). */
    private PartialAttention ofOwnTokens(int layer, Tensor asked, int head, Tensor masks, double scale) {
        Tensor ownKeys = keys.get(layer);
        long slots = ownKeys.size(2);
        long width = ownKeys.size(3);
        long[] shape = {asked.size(0), 1, masks.size(3), width};
        long[] strides = {slots * width, width, width, 1};
        return PartialAttention.of(
                asked,
                ownKeys.strided(head * slots * width, shape, strides),
                values.get(layer).strided(head * slots * width, shape, strides),
                masks,
                scale);
    }

    /** Of rows {@code [first, first + rows)}, whose queries are (rows × kvHeads, 1, group, width). */
    private void joinPrompts(int layer, PartialAttention mixed, Tensor asked, int first, int rows, double scale) {
        int from = first;
        while (from < first + rows) {
            int prompt = promptOf[from];
            int to = from + 1;
            while (to < first + rows && promptOf[to] == prompt) {
                to++;
            }
            // Else it stands among the rows' own tokens, and of no keys libtorch's kernel ends the process.
            if (promptLengths[prompt] > 0) {
                joinPrompt(layer, mixed, asked, from - first, to - from, prompt, scale);
            }
            from = to;
        }
    }

    private void joinPrompt(
            int layer, PartialAttention mixed, Tensor asked, int first, int rows, int prompt, double scale) {
        long kvHeads = keys.get(layer).size(1);
        long group = asked.size(2);
        long width = asked.size(3);
        Tensor ofRows = asked.narrow(0, first * kvHeads, rows * kvHeads)
                .reshape(rows, kvHeads, group, width)
                .transpose(0, 1)
                .reshape(1, kvHeads, rows * group, width);
        PartialAttention ofPrompt = PartialAttention.of(
                ofRows,
                ofPrompt(promptKeys.get(layer), prompt),
                ofPrompt(promptValues.get(layer), prompt),
                null,
                scale);
        mixed.join(first, rows, ofPrompt);
    }

    /** A prompt's keys or values without its padding, (1, kvHeads, tokens, width). */
    private Tensor ofPrompt(Tensor prompts, int prompt) {
        return prompts.narrow(0, prompt, 1).narrow(2, 0, promptLengths[prompt]);
    }

    /** Slots up to the last that is seen, as a multiple of few lengths, so that sums are the same whatever others need. */
    private int used(int slots) {
        int needed = Arrays.stream(lengths).max().orElseThrow() + 1;
        return Math.min(slots, (needed + SLOTS - 1) / SLOTS * SLOTS);
    }

    /** The rows' own tokens and their prompts', (rows, heads, width) to (rows, heads × width). */
    private Tensor ofAllTokens(int layer, Tensor scaledQueries, Scoring scoring) {
        Tensor ownKeys = keys.get(layer);
        Tensor ownValues = values.get(layer);
        int rows = promptOf.length;
        int kvHeads = Math.toIntExact(ownKeys.size(1));
        int own = Math.toIntExact(ownKeys.size(2));
        int shared = Math.toIntExact(promptKeys.get(layer).size(2));
        int width = Math.toIntExact(ownKeys.size(3));
        int group = Math.toIntExact(scaledQueries.size(1)) / kvHeads;
        // Batches of matrices are (rows × kvHeads, …, …).
        Tensor scores = scaledQueries
                .reshape(-1, group, width)
                .matmul(ownKeys.reshape(-1, own, width).transpose(1, 2));
        if (shared > 0) {
            if (grid == null) {
                grid = new PromptGrid(promptLengths.length, promptOf, keeper);
            }
            Tensor placed = grid.place(scaledQueries.reshape(rows, kvHeads, group, width));
            Tensor ofPrompt = grid.rows(placed.matmul(promptKeys.get(layer).transpose(2, 3)), kvHeads, group, shared);
            scores = Tensor.cat(List.of(scores, ofPrompt.reshape(-1, group, shared)), 2);
        }
        Tensor weights = scores.softCap(scoring.cap())
                .addInPlace(mask(scoring.window(), own, shared, kvHeads))
                .softmax();
        if (shared == 0) {
            return weights.matmul(ownValues.reshape(-1, own, width)).reshape(rows, -1);
        }
        Tensor placed = grid.place(weights.narrow(2, own, shared).reshape(rows, kvHeads, group, shared));
        Tensor fromPrompt = grid.rows(placed.matmul(promptValues.get(layer)), kvHeads, group, width);
        return weights.narrow(2, 0, own)
                .matmul(ownValues.reshape(-1, own, width))
                .reshape(rows, -1)
                .addInPlace(fromPrompt.reshape(rows, -1));
    }

    /** (rows × kvHeads, 1, own + shared slots): 0 where a row sees a slot, −∞ where not. */
    private Tensor mask(int window, int own, int shared, int kvHeads) {
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
                if (shared > 0) {
                    Arrays.fill(mask, prompt + Math.min(hidden, promptLength), prompt + promptLength, 0);
                }
            }
            return keeper.apply(Tensor.of(mask, (long) promptOf.length * kvHeads, 1, slots));
        });
    }
}
