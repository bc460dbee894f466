package org.align4j.objective;

/**
 * Two completions of an example, the better one first unless they are tied.
 *
 * @param chosen index of the better completion in its example; rejected likewise
 * @param policyChosen log π(y_w|x), nats, as {@link PairRule#ldAlpha} counts it; the other three likewise
 * @param chosenLength |y_w| in tokens
 * @param margin score of the chosen − score of the rejected completion; NaN where the data has none
 * @param tied whether neither is better
 */
public record Pair(
        int chosen,
        int rejected,
        double policyChosen,
        double policyRejected,
        double referenceChosen,
        double referenceRejected,
        int chosenLength,
        int rejectedLength,
        double margin,
        boolean tied) {

    /** log π(y_w|x)/π_ref(y_w|x). */
    double chosenRatio() {
        return policyChosen - referenceChosen;
    }

    /** log π(y_l|x)/π_ref(y_l|x). */
    double rejectedRatio() {
        return policyRejected - referenceRejected;
    }

    /** The difference h of the two, which is exactly 0 where policy = reference. */
    double difference() {
        return (policyChosen - policyRejected) - (referenceChosen - referenceRejected);
    }

    double chosenDivisor() {
        return Math.max(1, chosenLength);
    }

    double rejectedDivisor() {
        return Math.max(1, rejectedLength);
    }

    /** The same seen without a reference. */
    Pair withoutReference() {
        return new Pair(
                chosen, rejected, policyChosen, policyRejected, 0, 0, chosenLength, rejectedLength, margin, tied);
    }
}
