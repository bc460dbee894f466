package org.align4j.objective;

import org.align4j.AlignException;
import org.align4j.tensor.Tensor;

/**
 * Direct Preference Optimization (Rafailov et al. 2023, equation 7), with the label smoothing of conservative DPO
 * (Mitchell 2023, equation 3: a pair is mislabelled with probability ε).
 *
 * <pre>
 *   h    = [log π(y_w|x) − log π(y_l|x)] − [log π_ref(y_w|x) − log π_ref(y_l|x)]
 *   loss = −(1 − ε) log σ(β h) − ε log σ(−β h)
 * </pre>
 *
 * <p>With policy = reference the loss is ln 2, whatever β and ε.
 *
 * @param beta β > 0: how strongly the policy is held to the reference
 * @param labelSmoothing ε in [0, 0.5)
 */
public record Dpo(double beta, double labelSmoothing) implements PairwiseObjective {
    public Dpo {
        if (!(beta > 0) || Double.isInfinite(beta)) {
            throw AlignException.usage("beta is " + beta + ", expected a number above 0, usually 0.1");
        }
        if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
            throw AlignException.usage("label_smoothing is " + labelSmoothing
                    + ", expected the probability that a label is wrong: 0 or more, below 0.5");
        }
    }

    @Override
    public Tensor losses(PairLogps pairs) {
        Tensor policyLogRatios = pairs.policyChosen().sub(pairs.policyRejected());
        Tensor referenceLogRatios = pairs.referenceChosen().sub(pairs.referenceRejected());
        Tensor logits = policyLogRatios.sub(referenceLogRatios).mul(beta);
        Tensor asLabelled = logits.logSigmoid().mul(-(1 - labelSmoothing));
        Tensor mislabelled = logits.neg().logSigmoid().mul(-labelSmoothing);
        return asLabelled.add(mislabelled);
    }
}
