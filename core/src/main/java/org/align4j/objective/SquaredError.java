package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Regression of the reward r onto the score s that the data gives a completion, a mean over the example's completions (Wang
 * et al. 2023, *HelpSteer: Multi-attribute Helpfulness Dataset for SteerLM*):
 *
 * <pre>
 *   loss = (r − s)²      ∂loss/∂r = 2 (r − s)
 * </pre>
 *
 * <p>What {@link Completion#logp} is to other objectives, the reward is here; there is no reference.
 */
public record SquaredError() implements ExampleObjective {
    @Override
    public double beta() {
        return 1;
    }

    @Override
    public double loss(List<Completion> example, double[] slopes) {
        double loss = 0;
        for (int i = 0; i < slopes.length; i++) {
            double error = example.get(i).logp() - example.get(i).score();
            loss += error * error / slopes.length;
            slopes[i] = 2 * error / slopes.length;
        }
        return loss;
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.SCORES);
    }
}
