package org.align4j.objective;

/** What an objective asks for besides the policy's sums of log-probabilities. */
public enum Need {
    /** Log-probabilities of the reference. */
    REFERENCE,
    /** Log-probabilities of single tokens, also of the reference where that is needed. */
    TOKENS,
    /** {@link Completion#certainty}. */
    CERTAINTY,
    /** {@link Completion#score} of every completion. */
    SCORES,
    /** Rankings in which all are tied teach it something, too. */
    TIES,
    /** All examples of the optimizer step at once, not micro-batch by micro-batch. */
    WHOLE_STEP
}
