package org.align4j.objective;

import java.util.List;

/**
 * LiPO-λ (Liu et al. 2024, *LiPO: Listwise Preference Optimization through Learning-to-Rank*, with LambdaRank's
 * weights): pairs count by what swapping them would change in the ranking's discounted gain.
 *
 * <pre>
 *   s = β log(π/π_ref)     loss = Σ_{ψᵢ &gt; ψⱼ} Δᵢⱼ log(1 + exp(−(sᵢ − sⱼ)))
 *   Δᵢⱼ = |2^ψᵢ − 2^ψⱼ| · |1/log(1 + τᵢ) − 1/log(1 + τⱼ)|
 * </pre>
 *
 * <p>τ is the place, from 1, in the order of s; equal scores are placed worst first: in the order of the file nothing
 * could be learnt from a first step, where all are equal, that the file did not dictate. ψ is the share of the others
 * that a completion beats, a tie counting half: the paper's win probability for labels that are certain. Δ has no
 * gradient.
 *
 * @param beta β > 0
 */
public record Lipo(double beta) implements ExampleObjective {
    public Lipo {
        Check.beta(beta);
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        int n = example.size();
        double[] gains = new double[n];
        double[] discounts = new double[n];
        for (int i = 0; i < n; i++) {
            int place = 1;
            double wins = 0;
            for (int j = 0; j < n; j++) {
                if (i == j) {
                    continue;
                }
                int tiers =
                        Integer.compare(example.get(j).tier(), example.get(i).tier()); // positive: i is better
                wins += tiers > 0 ? 1 : tiers == 0 ? 0.5 : 0;
                double ahead = score(example.get(j)) - score(example.get(i));
                place += ahead > 0 || ahead == 0 && (tiers > 0 || tiers == 0 && j < i) ? 1 : 0;
            }
            gains[i] = StrictMath.pow(2, wins / Math.max(1, n - 1));
            discounts[i] = 1 / StrictMath.log1p(place);
        }
        double loss = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                if (example.get(i).tier() < example.get(j).tier()) {
                    double weight = Math.abs(gains[i] - gains[j]) * Math.abs(discounts[i] - discounts[j]);
                    double z = score(example.get(i)) - score(example.get(j));
                    loss += weight * Logistic.softplus(-z);
                    slopes[i] -= weight * beta * Logistic.sigmoid(-z);
                    slopes[j] += weight * beta * Logistic.sigmoid(-z);
                }
            }
        }
        return loss;
    }

    private double score(Completion completion) {
        return beta * (completion.logp() - completion.referenceLogp());
    }
}
