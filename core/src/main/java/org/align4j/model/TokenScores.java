package org.align4j.model;

/**
 * What a model says of every predicted completion token of a packed batch, in the batch's order.
 *
 * @param logps log-probability of the token that stands there, nats
 * @param entropies entropy of the model's distribution there, nats
 * @param correct whether the token is the model's first choice
 */
public record TokenScores(float[] logps, float[] entropies, boolean[] correct) {}
