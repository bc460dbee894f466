package org.align4j.model;

import org.align4j.data.PackedBatch;

/** Which tokens of a completion make its reward, which is the mean of what the head says of them. */
public enum Pooling {
    /**
     * The last token. Tokens for padding at the end do not count, as in transformers: where the end-of-text token pads,
     * the last token before it decides.
     */
    LAST,
    /** All tokens of the completion, its end included. */
    MEAN;

    /**
     * Tokens of a packed batch, in the order of its branches: those of branch b are {@code [starts[b], starts[b + 1])}.
     *
     * @param tokens indices in the batch
     */
    public record Readings(int[] tokens, int[] starts) {

        /**
         * The mean over each branch's tokens.
         *
         * @param outputs (tokens × heads)
         * @return by head and branch
         */
        public double[][] rewards(double[] outputs) {
            int heads = outputs.length / tokens.length;
            double[][] rewards = new double[heads][starts.length - 1];
            for (int branch = 0; branch < starts.length - 1; branch++) {
                for (int token = starts[branch]; token < starts[branch + 1]; token++) {
                    for (int head = 0; head < heads; head++) {
                        rewards[head][branch] += outputs[token * heads + head] / length(branch);
                    }
                }
            }
            return rewards;
        }

        /** From ∂loss/∂reward, by head and branch, to ∂loss/∂output (tokens × heads). */
        public float[] slopes(double[][] rewardSlopes) {
            int heads = rewardSlopes.length;
            float[] slopes = new float[tokens.length * heads];
            for (int branch = 0; branch < starts.length - 1; branch++) {
                for (int token = starts[branch]; token < starts[branch + 1]; token++) {
                    for (int head = 0; head < heads; head++) {
                        slopes[token * heads + head] = (float) (rewardSlopes[head][branch] / length(branch));
                    }
                }
            }
            return slopes;
        }

        private int length(int branch) {
            return starts[branch + 1] - starts[branch];
        }
    }

    /** @param padId the padding token; −1 if there is none */
    public Readings readings(PackedBatch batch, int padId) {
        int[] tokens = new int[this == LAST ? batch.branchCount() : batch.tokenCount()];
        int[] starts = new int[batch.branchCount() + 1];
        int count = 0;
        int branch = 0;
        for (PackedBatch.Segment segment : batch.segments()) {
            if (segment.parent() < 0) {
                continue;
            }
            if (this == LAST) {
                tokens[count++] = last(batch, segment, padId);
            } else {
                for (int token = segment.start(); token < segment.end(); token++) {
                    tokens[count++] = token;
                }
            }
            starts[++branch] = count;
        }
        return new Readings(java.util.Arrays.copyOf(tokens, count), starts);
    }

    /** Of nothing but padding it is the first token, as in transformers. */
    private static int last(PackedBatch batch, PackedBatch.Segment branch, int padId) {
        PackedBatch.Segment trunk = batch.segments().get(branch.parent());
        for (PackedBatch.Segment segment : new PackedBatch.Segment[] {branch, trunk}) {
            for (int at = segment.end() - 1; at >= segment.start(); at--) {
                if (batch.tokens()[at] != padId) {
                    return at;
                }
            }
        }
        return trunk.length() > 0 ? trunk.start() : branch.start();
    }
}
