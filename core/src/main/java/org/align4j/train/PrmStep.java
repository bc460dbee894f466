package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.StepEnds;
import org.align4j.objective.Logistic;

/**
 * A step, or an evaluation, of a process reward model: the cross entropy of calling the last token of each step of a
 * solution good (1) or bad (0), a mean over all steps of all examples (Uesato et al. 2022, *Solving math word problems with
 * process- and outcome-based feedback*; Lightman et al. 2023, *Let's Verify Step by Step*):
 *
 * <pre>
 *   loss = −log softmax(z)[label]      ∂loss/∂z = softmax(z) − onehot(label)
 * </pre>
 */
public final class PrmStep implements HeadStep {
    private final long steps;
    private double loss;
    private int right;
    private int seen;

    /** @param examples all that will be added */
    public PrmStep(List<TokenTree> examples) {
        long count = 0;
        for (TokenTree tree : examples) {
            for (TokenTree.Branch branch : tree.branches()) {
                for (int each : branch.classes()) {
                    count += each >= 0 ? 1 : 0;
                }
            }
        }
        steps = count;
    }

    @Override
    public int[] tokens(PackedBatch packed) {
        return StepEnds.of(packed).tokens();
    }

    @Override
    public float[] add(PackedBatch packed, double[] outputs) {
        int[] classes = StepEnds.of(packed).classes();
        float[] slopes = new float[outputs.length];
        for (int i = 0; i < classes.length; i++) {
            double bad = outputs[2 * i];
            double good = outputs[2 * i + 1];
            double sign = classes[i] == 1 ? 1 : -1;
            double wrong = Logistic.sigmoid(sign * (bad - good)); // the probability of the other class
            loss -= Logistic.logSigmoid(sign * (good - bad));
            right += classes[i] == (good > bad ? 1 : 0) ? 1 : 0;
            seen++;
            slopes[2 * i] = (float) (sign * wrong / steps);
            slopes[2 * i + 1] = (float) (-sign * wrong / steps);
        }
        return slopes;
    }

    @Override
    public double loss() {
        return loss / seen;
    }

    /** {@code accuracy}: share of steps that are called what they are; equal outputs say bad, as in TRL. */
    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(prefix + "accuracy", (double) right / seen);
        return map;
    }
}
