package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A loss of pairs applied to rankings: an example's loss is the mean over its pairs, so that a ranking of eight counts as
 * much as one of two.
 *
 * @param weighted whether each pair counts with the probability of its completions under the policy: WPO (Zhou et al.
 *     2024, *WPO: Enhancing RLHF with Weighted Preference Optimization*, equation 2 with its aligned weights), w = exp(Σ over both completions of the mean over tokens of [log π(token) − log Σᵥ π(v)²]), without a gradient
 * @param referenceFree log π_ref counts as 0
 */
public record OverPairs(PairObjective objective, PairRule rule, boolean weighted, boolean referenceFree)
        implements Objective {

    public OverPairs(PairObjective objective) {
        this(objective, PairRule.PLAIN, false, false);
    }

    @Override
    public Losses losses(Batch batch) {
        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        int first = 0;
        for (int e = 0; e < losses.length; e++) {
            List<Completion> example = batch.examples().get(e);
            List<Pair> pairs = rule.pairs(example, objective.judgesTies());
            for (Pair pair : pairs) {
                PairLoss each = objective.of(referenceFree ? pair.withoutReference() : pair);
                double weight = weighted ? weight(example, pair) : 1;
                losses[e] += weight * each.loss();
                double share = weight / pairs.size();
                rule.addSlopes(gradient, first, pair, each.chosenSlope() * share, each.rejectedSlope() * share);
            }
            losses[e] = pairs.isEmpty() ? 0 : losses[e] / pairs.size();
            first += example.size();
        }
        return new Losses(losses, gradient);
    }

    private static double weight(List<Completion> example, Pair pair) {
        return StrictMath.exp(example.get(pair.chosen()).certainty()
                + example.get(pair.rejected()).certainty());
    }

    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        if (objective.needsReference() && !referenceFree) {
            needs.add(Need.REFERENCE);
        }
        if (rule.needsTokens()) {
            needs.add(Need.TOKENS);
        }
        if (weighted) {
            needs.add(Need.CERTAINTY);
        }
        if (objective.needsScores()) {
            needs.add(Need.SCORES);
        }
        if (objective.judgesTies()) {
            needs.add(Need.TIES);
        }
        return needs;
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return objective.reward(logp, referenceLogp, length);
    }
}
