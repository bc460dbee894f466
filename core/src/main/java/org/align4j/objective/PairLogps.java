package org.align4j.objective;

import org.align4j.tensor.Tensor;

/**
 * What pairwise objectives see: sums of completion log-probabilities, log π(y|x) in nats, one entry for each pair.
 *
 * @param policyChosen (pairs), float64, with a graph
 * @param policyRejected (pairs), float64, with a graph
 * @param referenceChosen (pairs), float64
 * @param referenceRejected (pairs), float64
 */
public record PairLogps(Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected) {}
