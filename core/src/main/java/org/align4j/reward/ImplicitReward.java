package org.align4j.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;

/**
 * The reward that a language model is secretly optimal for (Rafailov et al. 2023, equation 5, without β log Z(x), which
 * is the same for all completions of a prompt and does not change their order):
 *
 * <pre>
 *   r(x, y) = β [log π(y|x) − log π_ref(y|x)]
 * </pre>
 *
 * <p>Without a reference every completion counts as equally likely beforehand: r = β log π(y|x).
 */
public final class ImplicitReward {
    private final CausalLm policy;
    private final Optional<CausalLm> reference;
    private final double beta;

    /**
     * One completion.
     *
     * @param numTokens its predicted tokens, the end-of-text token included
     * @param logp log π(y|x), summed over them, nats
     * @param referenceLogp log π_ref(y|x), nats; absent without a reference
     * @param rank 1 = highest reward among the completions of its prompt; equal rewards share the better rank
     */
    public record Scored(int numTokens, double logp, Optional<Double> referenceLogp, double reward, int rank) {}

    public ImplicitReward(CausalLm policy, Optional<CausalLm> reference, double beta) {
        this.policy = policy;
        this.reference = reference;
        this.beta = beta;
    }

    /** For each tree of the batch its completions, in order. */
    public List<List<Scored>> score(PackedBatch batch) {
        double[] logps = LogProbs.score(policy, batch).branchSums(batch);
        double[] referenceLogps = reference.isPresent()
                ? LogProbs.score(reference.get(), batch).branchSums(batch)
                : new double[logps.length];
        List<List<Scored>> result = new ArrayList<>();
        int branch = 0;
        for (int t = 0; t < batch.trees().size(); t++) {
            int count = batch.trees().get(t).branches().size();
            double[] rewards = new double[count];
            for (int k = 0; k < count; k++) {
                rewards[k] = beta * (logps[branch + k] - referenceLogps[branch + k]);
            }
            List<Scored> completions = new ArrayList<>();
            for (int k = 0; k < count; k++) {
                int tokens = batch.branchStarts()[branch + k + 1] - batch.branchStarts()[branch + k];
                Optional<Double> referenceLogp =
                        reference.isPresent() ? Optional.of(referenceLogps[branch + k]) : Optional.empty();
                completions.add(new Scored(tokens, logps[branch + k], referenceLogp, rewards[k], Ranks.of(rewards, k)));
            }
            result.add(completions);
            branch += count;
        }
        return result;
    }
}
