package org.align4j.model;

import java.util.SplittableRandom;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.tensor.Tensor;

/**
 * NEFTune (Jain et al. 2023, *NEFTune: Noisy Embeddings Improve Instruction Finetuning*, algorithm 1): uniform noise within
 * ±α/√(Ld) on the embeddings, where L is the example's number of tokens and d their width. Peers count padding into L.
 */
final class EmbeddingNoise {
    /** The place of the draw, apart from all layers of an adapter. */
    private static final int PLACE = -1;

    private final double alpha;
    private final long seed;
    private final PackedBatch batch;

    EmbeddingNoise(double alpha, long seed, PackedBatch batch) {
        this.alpha = alpha;
        this.seed = seed;
        this.batch = batch;
    }

    /** Weights whose embeddings are noisy. */
    Weights over(Weights base) {
        return new ForwardingWeights(base) {
            @Override
            public Tensor embedded(Tensor x) {
                return x.add(noise(x.size(1)).to(x.dtype()));
            }
        };
    }

    private Tensor noise(long width) {
        float[] noise = new float[Math.toIntExact(batch.tokenCount() * width)];
        int at = 0;
        for (TokenTree tree : batch.trees()) {
            SplittableRandom random = Draws.of(seed, tree.row(), PLACE);
            double bound = alpha / Math.sqrt((double) tree.packedTokens() * width);
            int end = at + Math.toIntExact(tree.packedTokens() * width);
            while (at < end) {
                noise[at++] = (float) (bound * (2 * random.nextDouble() - 1));
            }
        }
        return Tensor.of(noise, batch.tokenCount(), width);
    }
}
