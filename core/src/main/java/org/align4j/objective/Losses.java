package org.align4j.objective;

/**
 * What an objective says of a batch.
 *
 * @param examples the loss of each example; the step's loss is the mean over its examples
 * @param gradient of their sum
 * @param memory to be handed to the next step; empty for most
 */
public record Losses(double[] examples, Gradient gradient, double[] memory) {
    public Losses(double[] examples, Gradient gradient) {
        this(examples, gradient, new double[0]);
    }
}
