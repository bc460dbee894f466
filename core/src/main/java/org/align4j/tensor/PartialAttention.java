package org.align4j.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * Attention to some of the keys, in float32 and without gradients, with what is needed to join it with attention to the
 * others: the log-sums of the exponentials of each query's scores (as blocks are joined in FlashAttention, Dao et al. 2022).
 *
 * @param mixed (batch, queries, heads, width), in order
 * @param logSums (batch, queries, heads), in order
 */
public record PartialAttention(Tensor mixed, Tensor logSums) {
    private static final OperatorHandle OPERATOR = Dispatcher.singleton()
            .findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu", "")
            .retainReference();

    /**
     * softmax(queries · keysᵀ · scale + mask) · values.
     *
     * @param queries (batch, heads, queries, width)
     * @param keys (batch, heads, keys, width), at least one, as are the values
     * @param mask broadcasts to (batch, heads, queries, keys), or null: 0 where visible, −∞ where not
     */
    public static PartialAttention of(Tensor queries, Tensor keys, Tensor values, Tensor mask, double scale) {
        double dropout = 0;
        boolean causal = false;
        IValueVector stack = new IValueVector(
                new IValue(queries.handle),
                new IValue(keys.handle),
                new IValue(values.handle),
                new IValue(dropout),
                new IValue(causal),
                mask == null ? new IValue() : new IValue(mask.handle),
                new IValue(scale));
        OPERATOR.callBoxed(stack);
        return new PartialAttention(inOrder(stack.get(0)), inOrder(stack.get(1)));
    }

    /** What the stack gives is a reference into it; the transposed tensor is one of its own. */
    private static Tensor inOrder(IValue result) {
        return new Tensor(result.toTensor().transpose(1, 2)).contiguous();
    }

    /**
     * Joins, in place, attention of rows to keys of their own with that of the same queries to keys that the rows share.
     * Here a row's heads stand in the batch, with the queries of a group as the queries; there the batch is one, with all
     * rows' queries of a group.
     *
     * @param first of the rows here
     * @param rows to join
     * @param shared (1, rows × group, kvHeads, width) and its log-sums
     */
    public void join(int first, int rows, PartialAttention shared) {
        int group = (int) mixed.size(1);
        int width = (int) mixed.size(3);
        int kvHeads = (int) shared.mixed.size(2);
        int count = rows * kvHeads * group;
        long from = (long) first * kvHeads * group;
        float[] own = FewValues.read(mixed, from * width, count * width, true);
        float[] other = FewValues.read(shared.mixed, 0, count * width, false);
        float[] ownSums = FewValues.read(logSums, from, count, false);
        float[] otherSums = FewValues.read(shared.logSums, 0, count, false);
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < kvHeads; head++) {
                for (int i = 0; i < group; i++) {
                    int here = (row * kvHeads + head) * group + i;
                    int there = (row * group + i) * kvHeads + head;
                    // The weights of both parts, e^ownSum and e^otherSum over their sum.
                    float weight = (float) (1 / (1 + Math.exp((double) otherSums[there] - ownSums[here])));
                    mix(own, here * width, weight, other, there * width, width);
                }
            }
        }
        FewValues.write(own, count * width, mixed, from * width);
    }

    private static void mix(float[] own, int at, float weight, float[] other, int from, int width) {
        for (int i = 0; i < width; i++) {
            own[at + i] = weight * own[at + i] + (1 - weight) * other[from + i];
        }
    }
}
