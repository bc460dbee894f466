package org.align4j.objective;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Alignment via Optimal Transport (Melnyk et al. 2024, *Distributional Preference Alignment of LLMs via Optimal
 * Transport*): not each pair but the distribution is to be better. Two lists a, b of the pairs of a step are
 * sorted, each by itself, and compared place by place.
 *
 * <pre>
 *   paired:   a = log π(y_w) − log π(y_l)      b = log π_ref(y_w) − log π_ref(y_l)
 *   unpaired: a = log(π/π_ref)(y_w)            b = log(π/π_ref)(y_l)
 *   z = β (a₍ᵢ₎ − b₍ᵢ₎)     loss = −(1 − ε) log σ(z) − ε log σ(−z), mean over places
 * </pre>
 *
 * <p>The whole optimizer step is sorted (TRL: each micro-batch), in evaluation the whole evaluation set. With rankings all
 * their pairs are, and the loss is the mean over pairs. A place's loss counts for the example of a₍ᵢ₎.
 *
 * @param beta β > 0
 * @param labelSmoothing ε in [0, 0.5)
 * @param paired which lists
 */
public record Aot(double beta, double labelSmoothing, boolean paired, PairRule rule) implements Objective {
    public Aot {
        Check.beta(beta);
        Check.labelSmoothing(labelSmoothing);
    }

    /** A pair and where it stands. */
    private record Placed(Pair pair, int example, int firstCompletion) {}

    @Override
    public Losses losses(Batch batch) {
        List<Placed> pairs = new ArrayList<>();
        int first = 0;
        for (int e = 0; e < batch.examples().size(); e++) {
            for (Pair pair : rule.pairs(batch.examples().get(e), false)) {
                pairs.add(new Placed(pair, e, first));
            }
            first += batch.examples().get(e).size();
        }
        List<Placed> left = new ArrayList<>(pairs);
        left.sort(Comparator.comparingDouble(this::left));
        List<Placed> right = new ArrayList<>(pairs);
        right.sort(Comparator.comparingDouble(this::right));

        double[] losses = new double[batch.examples().size()];
        Gradient gradient = new Gradient(batch.completions());
        double share = (double) losses.length / pairs.size();
        for (int i = 0; i < pairs.size(); i++) {
            Placed a = left.get(i);
            Placed b = right.get(i);
            double z = beta * (left(a) - right(b));
            losses[a.example()] +=
                    share * ((1 - labelSmoothing) * Logistic.softplus(-z) + labelSmoothing * Logistic.softplus(z));
            double slope = share
                    * beta
                    * (-(1 - labelSmoothing) * Logistic.sigmoid(-z) + labelSmoothing * Logistic.sigmoid(z));
            rule.addSlopes(gradient, a.firstCompletion(), a.pair(), slope, paired ? -slope : 0);
            if (!paired) {
                rule.addSlopes(gradient, b.firstCompletion(), b.pair(), 0, -slope);
            }
        }
        return new Losses(losses, gradient);
    }

    private double left(Placed placed) {
        Pair pair = placed.pair();
        return paired ? pair.policyChosen() - pair.policyRejected() : pair.chosenRatio();
    }

    private double right(Placed placed) {
        Pair pair = placed.pair();
        return paired ? pair.referenceChosen() - pair.referenceRejected() : pair.rejectedRatio();
    }

    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.of(Need.REFERENCE, Need.WHOLE_STEP);
        if (rule.needsTokens()) {
            needs.add(Need.TOKENS);
        }
        return needs;
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * (logp - referenceLogp);
    }
}
