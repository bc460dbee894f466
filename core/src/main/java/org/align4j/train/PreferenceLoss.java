package org.align4j.train;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.objective.PairLogps;
import org.align4j.objective.PairwiseObjective;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * From the log-probabilities of a packed batch to its loss, its gradient and its metrics.
 *
 * <p>A ranking is all its pairs "better before worse"; ties make no pair. Its loss is the mean over its pairs, so that
 * a ranking of eight counts as much as one of two. For two completions this is the plain pairwise loss.
 */
public final class PreferenceLoss {

    /**
     * One tree's part in the step.
     *
     * @param loss mean over its pairs, nats
     * @param chosenReward β (log π − log π_ref) of the better completion, mean over pairs; rejected likewise
     * @param accuracy share of pairs whose better completion has the higher reward; equal rewards do not count
     */
    public record Example(
            TokenTree tree,
            double loss,
            double chosenReward,
            double rejectedReward,
            double accuracy,
            double chosenLogps,
            double rejectedLogps) {}

    /**
     * The outcome.
     *
     * @param examples one for each tree, in the batch's order
     * @param gradient ∂(Σ losses)/∂(log-probability), one for each prediction of the batch
     */
    public record Result(List<Example> examples, float[] gradient) {}

    private record Pair(int tree, int chosen, int rejected) {}

    private PreferenceLoss() {}

    /**
     * @param policySums log π of every branch
     * @param referenceSums log π_ref of every branch
     * @param scale factor on the gradient: 1 / examples of the whole step
     */
    public static Result of(
            PairwiseObjective objective, PackedBatch batch, double[] policySums, double[] referenceSums, double scale) {
        List<Pair> pairs = pairs(batch);
        int[] pairsOfTree = new int[batch.trees().size()];
        for (Pair pair : pairs) {
            pairsOfTree[pair.tree()]++;
        }

        double[] losses;
        double[] branchGradient;
        try (StepScope scope = StepScope.open()) {
            Tensor policy = Tensor.of(policySums, policySums.length).requireGrad();
            Tensor reference = Tensor.of(referenceSums, referenceSums.length);
            long[] chosen = new long[pairs.size()];
            long[] rejected = new long[pairs.size()];
            double[] weights = new double[pairs.size()];
            for (int p = 0; p < chosen.length; p++) {
                chosen[p] = pairs.get(p).chosen();
                rejected[p] = pairs.get(p).rejected();
                weights[p] = scale / pairsOfTree[pairs.get(p).tree()];
            }
            Tensor chosenIndex = Tensor.of(chosen, chosen.length);
            Tensor rejectedIndex = Tensor.of(rejected, rejected.length);
            Tensor each = objective.losses(new PairLogps(
                    policy.indexSelect(0, chosenIndex),
                    policy.indexSelect(0, rejectedIndex),
                    reference.indexSelect(0, chosenIndex),
                    reference.indexSelect(0, rejectedIndex)));
            each.mul(Tensor.of(weights, weights.length)).sum().backward();
            losses = each.toDoubles();
            branchGradient = policy.grad().toDoubles();
        }
        return new Result(
                examples(objective.beta(), batch, pairs, pairsOfTree, losses, policySums, referenceSums),
                spread(batch, branchGradient));
    }

    private static List<Pair> pairs(PackedBatch batch) {
        List<Pair> pairs = new ArrayList<>();
        int first = 0;
        for (int t = 0; t < batch.trees().size(); t++) {
            List<TokenTree.Branch> branches = batch.trees().get(t).branches();
            for (int i = 0; i < branches.size(); i++) {
                for (int j = 0; j < branches.size(); j++) {
                    if (branches.get(i).tier() < branches.get(j).tier()) {
                        pairs.add(new Pair(t, first + i, first + j));
                    }
                }
            }
            first += branches.size();
        }
        return pairs;
    }

    private static List<Example> examples(
            double beta,
            PackedBatch batch,
            List<Pair> pairs,
            int[] pairsOfTree,
            double[] losses,
            double[] policySums,
            double[] referenceSums) {
        double[][] totals = new double[batch.trees().size()][6];
        for (int p = 0; p < losses.length; p++) {
            Pair pair = pairs.get(p);
            double[] total = totals[pair.tree()];
            double chosenReward = beta * (policySums[pair.chosen()] - referenceSums[pair.chosen()]);
            double rejectedReward = beta * (policySums[pair.rejected()] - referenceSums[pair.rejected()]);
            total[0] += losses[p];
            total[1] += chosenReward;
            total[2] += rejectedReward;
            total[3] += chosenReward > rejectedReward ? 1 : 0;
            total[4] += policySums[pair.chosen()];
            total[5] += policySums[pair.rejected()];
        }
        List<Example> examples = new ArrayList<>();
        for (int t = 0; t < totals.length; t++) {
            double n = pairsOfTree[t];
            double[] total = totals[t];
            examples.add(new Example(
                    batch.trees().get(t),
                    total[0] / n,
                    total[1] / n,
                    total[2] / n,
                    total[3] / n,
                    total[4] / n,
                    total[5] / n));
        }
        return examples;
    }

    /** A branch's log-probability is a sum over its tokens: each of them gets the branch's gradient. */
    private static float[] spread(PackedBatch batch, double[] branchGradient) {
        int[] starts = batch.branchStarts();
        float[] gradient = new float[batch.predictionCount()];
        for (int branch = 0; branch < branchGradient.length; branch++) {
            for (int i = starts[branch]; i < starts[branch + 1]; i++) {
                gradient[i] = (float) branchGradient[branch];
            }
        }
        return gradient;
    }
}
