package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Losses of single completions that somebody called desirable (tier 0) or undesirable (tier 1). With h = log(π/π_ref)(y):
 *
 * <pre>
 *   KTO                  z = max(0, mean over the step of log(π/π_ref)(y'))   without a gradient
 *     desirable          λ_D (1 − σ(β (h − z)))
 *     undesirable        λ_U (1 − σ(β (z − h)))
 *   APO-zero, unpaired   the same with z = 0
 *   BCO                  δ = mean over all steps so far of a step's mean of β h
 *     desirable          −λ_D log σ(β h − δ)
 *     undesirable        −λ_U log σ(δ − β h)
 * </pre>
 *
 * <p>KTO is Ethayarajh et al. 2024, *KTO: Model Alignment as Prospect Theoretic Optimization*, equations 7 and 8; y' are
 * completions of other prompts of the step, the second completion (tier 2) of each example. APO-zero is D'Oosterlinck et
 * al. 2024, *Anchored Preference Optimization*, in TRL's unpaired form. BCO is Jung et al. 2024, *Binary Classifier
 * Optimization for Large Language Model Alignment*; its memory is the number of steps, and δ.
 *
 * @param beta β > 0
 * @param desirableWeight λ_D
 * @param undesirableWeight λ_U
 */
public record Unpaired(Kind kind, double beta, double desirableWeight, double undesirableWeight) implements Objective {

    /** Which of the losses. */
    public enum Kind {
        KTO,
        APO_ZERO_UNPAIRED,
        BCO
    }

    public Unpaired {
        Check.beta(beta);
        Check.notNegative("desirable_weight", desirableWeight);
        Check.notNegative("undesirable_weight", undesirableWeight);
    }

    /** z: the mean log-ratio of the mismatched completions, nats, not below 0. */
    public static double kl(List<List<Completion>> examples) {
        double sum = 0;
        for (List<Completion> example : examples) {
            sum += ratio(example.get(1));
        }
        return Math.max(0, sum / examples.size());
    }

    /** log(π/π_ref) of a completion, nats. */
    public static double ratio(Completion completion) {
        return completion.logp() - completion.referenceLogp();
    }

    @Override
    public Losses losses(Batch batch) {
        List<List<Completion>> examples = batch.examples();
        double[] memory = kind == Kind.BCO ? shift(batch) : new double[0];
        double anchor = switch (kind) {
            case KTO -> beta * kl(examples);
            case APO_ZERO_UNPAIRED -> 0;
            case BCO -> memory[1];
        };
        double[] losses = new double[examples.size()];
        Gradient gradient = new Gradient(batch.completions());
        int at = 0;
        for (int e = 0; e < losses.length; e++) {
            Completion own = examples.get(e).get(0);
            double sign = own.tier() == 0 ? 1 : -1;
            double weight = own.tier() == 0 ? desirableWeight : undesirableWeight;
            double logit = sign * (beta * ratio(own) - anchor);
            double wrong = Logistic.sigmoid(-logit);
            losses[e] = weight * (kind == Kind.BCO ? Logistic.softplus(-logit) : wrong);
            double slope = kind == Kind.BCO ? -wrong : -wrong * Logistic.sigmoid(logit);
            gradient.add(at, weight * sign * beta * slope);
            at += examples.get(e).size();
        }
        return new Losses(losses, gradient, memory);
    }

    private double[] shift(Batch batch) {
        double sum = 0;
        for (List<Completion> example : batch.examples()) {
            sum += beta * ratio(example.get(0));
        }
        double steps = batch.memory().length == 0 ? 0 : batch.memory()[0];
        double before = batch.memory().length == 0 ? 0 : batch.memory()[1];
        return new double[] {steps + 1, before + (sum / batch.examples().size() - before) / (steps + 1)};
    }

    @Override
    public Set<Need> needs() {
        return kind == Kind.APO_ZERO_UNPAIRED
                ? EnumSet.of(Need.REFERENCE)
                : EnumSet.of(Need.REFERENCE, Need.WHOLE_STEP);
    }

    @Override
    public int memorySize() {
        return kind == Kind.BCO ? 2 : 0;
    }

    @Override
    public double reward(double logp, double referenceLogp, int length) {
        return beta * (logp - referenceLogp);
    }
}
