package org.align4j.model;

import java.util.SplittableRandom;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/**
 * Dropout (Srivastava et al. 2014). What is dropped depends on the seed, the example and the layer only, not on how
 * examples are packed: micro-batches do not change a step, and a resumed run drops what an undisturbed one would have.
 */
final class Dropout {
    private final double probability;
    private final long seed;
    private final PackedBatch batch;

    Dropout(double probability, long seed, PackedBatch batch) {
        this.probability = probability;
        this.seed = seed;
        this.batch = batch;
    }

    /** The factor that makes up for what is dropped: 1 / (1 − p). */
    double scale() {
        return 1 / (1 - probability);
    }

    /**
     * What to multiply the input of a layer with: 1 where it is kept, 0 where it is dropped. The trunk of a tree is
     * computed once, so all its branches see the same draw.
     *
     * @param layer index of the layer
     * @return (tokens, width), bytes: it is kept for the backward pass
     */
    Tensor mask(int layer, long width) {
        Tensor mask = Tensor.empty(Dtype.U8, batch.tokenCount(), width);
        int at = 0;
        for (TokenTree tree : batch.trees()) {
            int length = tree.packedTokens();
            draw(mask.narrow(0, at, length), Draws.of(seed, tree.row(), layer));
            at += length;
        }
        return mask;
    }

    /** 1 with probability 1 − p, to a 65536th, else 0, the same on every machine: a draw of 64 bits makes four. */
    private void draw(Tensor mask, SplittableRandom random) {
        int threshold = (int) Math.round((1 - probability) * 0x10000);
        byte[] ones = new byte[1 << 16];
        for (long from = 0; from < mask.count(); from += ones.length) {
            int length = (int) Math.min(ones.length, mask.count() - from);
            long bits = 0;
            for (int i = 0; i < length; i++) {
                bits = i % 4 == 0 ? random.nextLong() : bits >>> 16;
                ones[i] = (byte) ((bits & 0xffff) < threshold ? 1 : 0);
            }
            mask.bytes(from, length).put(ones, 0, length);
        }
    }
}
