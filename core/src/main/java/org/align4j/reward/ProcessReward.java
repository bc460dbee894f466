package org.align4j.reward;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.model.CausalLm;
import org.align4j.model.HeadOutputs;
import org.align4j.model.StepEnds;

/**
 * What a process reward model says of the steps of solutions: how probable it is that each is good. The reward of a solution
 * is the product, the probability that all are (Lightman et al. 2023, *Let's Verify Step by Step*).
 */
public record ProcessReward(CausalLm model) {

    /** For each tree of the batch the probabilities of its steps, in order. */
    public List<List<Double>> score(PackedBatch batch) {
        StepEnds ends = StepEnds.of(batch);
        double[] outputs = HeadOutputs.score(model, batch, ends.tokens());
        List<List<Double>> result = new ArrayList<>();
        batch.trees().forEach(tree -> result.add(new ArrayList<>()));
        for (int i = 0; i < ends.tokens().length; i++) {
            double good = 1 / (1 + StrictMath.exp(outputs[2 * i] - outputs[2 * i + 1]));
            result.get(ends.trees()[i]).add(good);
        }
        return result;
    }

    public static double product(List<Double> steps) {
        double product = 1;
        for (double step : steps) {
            product *= step;
        }
        return product;
    }
}
