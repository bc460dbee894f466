package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Noise contrastive alignment of completions with scores r (Chen et al. 2024, *Noise Contrastive Alignment of Language
 * Models with Explicit Rewards*).
 *
 * <pre>
 *   s = β log(π/π_ref)     w = softmax(r / α)
 *   InfoNCA: loss = −Σᵢ wᵢ log softmax(s)ᵢ
 *   NCA:     loss = −Σᵢ [wᵢ log σ(sᵢ) + 1/K log σ(−sᵢ)]
 * </pre>
 *
 * <p>With two completions and α → 0 InfoNCA is {@link Dpo} and NCA is {@link NcaPair}.
 *
 * @param beta β > 0
 * @param temperature α > 0, in units of the scores
 * @param absolute NCA
 */
public record InfoNca(double beta, double temperature, boolean absolute) implements ExampleObjective {
    public InfoNca {
        Check.beta(beta);
        Check.positive("score_temperature", temperature);
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        int n = example.size();
        double[] r = new double[n];
        double[] s = new double[n];
        for (int i = 0; i < n; i++) {
            r[i] = example.get(i).score() / temperature;
            s[i] = beta * (example.get(i).logp() - example.get(i).referenceLogp());
        }
        double[] wanted = logSoftmax(r);
        double[] found = logSoftmax(s);
        double loss = 0;
        for (int i = 0; i < n; i++) {
            double weight = StrictMath.exp(wanted[i]);
            if (absolute) {
                loss += weight * Logistic.softplus(-s[i]) + Logistic.softplus(s[i]) / n;
                slopes[i] = beta * (-weight * Logistic.sigmoid(-s[i]) + Logistic.sigmoid(s[i]) / n);
            } else {
                loss -= weight * found[i];
                slopes[i] = beta * (StrictMath.exp(found[i]) - weight);
            }
        }
        return loss;
    }

    private static double[] logSoftmax(double[] x) {
        double top = Double.NEGATIVE_INFINITY;
        for (double each : x) {
            top = Math.max(top, each);
        }
        double sum = 0;
        for (double each : x) {
            sum += StrictMath.exp(each - top);
        }
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i] - top - StrictMath.log(sum);
        }
        return result;
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.REFERENCE, Need.SCORES);
    }
}
