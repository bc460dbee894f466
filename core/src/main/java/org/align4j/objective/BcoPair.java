package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Binary Classifier Optimization of pairs (Jung et al. 2024, *Binary Classifier Optimization for Large Language Model
 * Alignment*): a classifier of chosen against rejected, whose logit is the reward.
 *
 * <pre>
 *   c = β log(π/π_ref)(y_w), r likewise
 *   loss = −log σ(c − δ) − log σ(δ − r)
 * </pre>
 *
 * <p>TRL's DPOTrainer has δ = 0 since 0.29, and so do we by default. The paper, older TRL and LLaMA-Factory shift by the
 * mean reward: δ is the mean over all steps so far, the present one included, of a step's mean reward, without a gradient.
 * Memory: how many steps, and δ.
 *
 * @param beta β > 0
 * @param rule which pairs
 * @param weighted as in {@link OverPairs}
 * @param running whether δ is the running mean
 */
public record BcoPair(double beta, PairRule rule, boolean weighted, boolean running) implements Objective {
    public BcoPair {
        Check.beta(beta);
    }

    /** The loss of one pair. */
    private record Shifted(double beta, double delta) implements PairObjective {
        @Override
        public PairLoss of(Pair pair) {
            double c = beta * pair.chosenRatio() - delta;
            double r = beta * pair.rejectedRatio() - delta;
            return new PairLoss(
                    Logistic.softplus(-c) + Logistic.softplus(r),
                    -beta * Logistic.sigmoid(-c),
                    beta * Logistic.sigmoid(r));
        }
    }

    private OverPairs shifted(double delta) {
        return new OverPairs(new Shifted(beta, delta), rule, weighted, false);
    }

    @Override
    public Losses losses(Batch batch) {
        if (!running) {
            return shifted(0).losses(batch);
        }
        double sum = 0;
        int pairs = 0;
        for (List<Completion> example : batch.examples()) {
            for (Pair pair : rule.pairs(example, false)) {
                sum += beta * (pair.chosenRatio() + pair.rejectedRatio()) / 2;
                pairs++;
            }
        }
        double steps = batch.memory().length == 0 ? 0 : batch.memory()[0];
        double before = batch.memory().length == 0 ? 0 : batch.memory()[1];
        double delta = pairs == 0 ? before : before + (sum / pairs - before) / (steps + 1);
        Losses losses = shifted(delta).losses(batch);
        return new Losses(losses.examples(), losses.gradient(), new double[] {steps + (pairs == 0 ? 0 : 1), delta});
    }

    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.copyOf(shifted(0).needs());
        if (running) {
            needs.add(Need.WHOLE_STEP);
        }
        return needs;
    }

    @Override
    public int memorySize() {
        return running ? 2 : 0;
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * (logp - referenceLogp);
    }
}
