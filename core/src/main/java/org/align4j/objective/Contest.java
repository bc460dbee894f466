package org.align4j.objective;

import java.util.List;

/** The softmax of scores s = β log(π/π_ref) in which a completion competes with those that are worse. */
final class Contest {
    private Contest() {}

    /**
     * −log [exp(s_k) / (exp(s_k) + Σ exp(s_j) over all j of worse tiers)]; adds {@code weight} times its slopes. With one
     * opponent every operation is that of {@link Dpo}.
     */
    static double loss(List<Completion> example, int winner, double beta, double weight, double[] slopes) {
        double[] differences = new double[example.size()];
        Completion k = example.get(winner);
        int top = -1;
        for (int j = 0; j < differences.length; j++) {
            Completion other = example.get(j);
            if (other.tier() > k.tier()) {
                // s_j − s_k, with the differences in the order that makes it exactly 0 where policy = reference
                differences[j] = -(((k.logp() - other.logp()) - (k.referenceLogp() - other.referenceLogp())) * beta);
                top = top < 0 || differences[j] > differences[top] ? j : top;
            }
        }
        if (top < 0) {
            return 0;
        }
        double shift = Math.max(0, differences[top]);
        double rest = shift > 0 ? StrictMath.exp(-shift) : 0; // all but the largest term, which is 1
        for (int j = 0; j < differences.length; j++) {
            if (example.get(j).tier() > k.tier() && !(shift > 0 && j == top)) {
                rest += StrictMath.exp(differences[j] - shift);
            }
        }
        double sum = 1 + rest;
        for (int j = 0; j < differences.length; j++) {
            if (example.get(j).tier() > k.tier()) {
                double share = shift > 0 && j == top ? 1 - rest / sum : StrictMath.exp(differences[j] - shift) / sum;
                slopes[j] += weight * beta * share;
                slopes[winner] -= weight * beta * share;
            }
        }
        return shift + StrictMath.log1p(rest);
    }
}
