package org.align4j.train;

import java.util.ArrayList;
import java.util.List;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.objective.Batch;
import org.align4j.objective.Completion;
import org.align4j.objective.Losses;
import org.align4j.objective.Objective;

/**
 * The loss of a reward model: an objective of rankings with the reward r in place of β log(π/π_ref). With DPO's that is
 * Bradley and Terry's, −log σ(r_w − r_l), with Plackett and Luce's it is theirs.
 *
 * <p>Rewards that differ by a constant give the same loss; {@code centering} · (r_w + r_l)², a mean over pairs, holds them
 * near 0 (Eisenstein et al. 2023, *Helping or Herding?*, equation 2).
 *
 * <p>An ensemble has several heads, and a reward by each; its loss is the mean over them.
 *
 * @param examples of the whole optimizer step
 */
public record RewardLoss(Objective objective, double centering, int examples, Bootstrap bootstrap) {

    /**
     * The outcome for a packed batch.
     *
     * @param losses of each tree, a mean over heads
     * @param slopes ∂(mean loss of the step)/∂reward, by head and branch
     */
    public record Result(double[] losses, double[][] slopes) {}

    /** @param rewards by head and branch */
    public Result of(PackedBatch packed, double[][] rewards) {
        int heads = rewards.length;
        double[] losses = new double[packed.trees().size()];
        double[][] slopes = new double[heads][packed.branchCount()];
        for (int head = 0; head < heads; head++) {
            double[] headLosses = ofHead(packed, rewards[head], slopes[head]);
            int branch = 0;
            for (int e = 0; e < losses.length; e++) {
                TokenTree tree = packed.trees().get(e);
                double weight = (double) bootstrap.times(head, tree.row()) / heads;
                losses[e] += weight * headLosses[e];
                for (int i = 0; i < tree.branches().size(); i++) {
                    slopes[head][branch++] *= weight / examples;
                }
            }
        }
        return new Result(losses, slopes);
    }

    /** @param slopes to be set to ∂(Σ losses)/∂reward */
    private double[] ofHead(PackedBatch packed, double[] rewards, double[] slopes) {
        List<List<Completion>> batch = new ArrayList<>();
        int branch = 0;
        for (TokenTree tree : packed.trees()) {
            List<Completion> example = new ArrayList<>();
            for (TokenTree.Branch each : tree.branches()) {
                example.add(new Completion(each.tier(), each.score(), 1, rewards[branch++], 0));
            }
            batch.add(example);
        }
        Losses losses = objective.losses(new Batch(batch, new Batch.Step(examples, branch), new double[0]));
        for (int i = 0; i < branch; i++) {
            slopes[i] = losses.gradient().at(i);
        }
        if (centering > 0) {
            center(packed, rewards, losses.examples(), slopes);
        }
        return losses.examples();
    }

    private void center(PackedBatch packed, double[] rewards, double[] losses, double[] slopes) {
        int first = 0;
        for (int e = 0; e < losses.length; e++) {
            List<TokenTree.Branch> branches = packed.trees().get(e).branches();
            int pairs = 0;
            for (TokenTree.Branch a : branches) {
                for (TokenTree.Branch b : branches) {
                    pairs += a.tier() < b.tier() ? 1 : 0;
                }
            }
            for (int i = 0; i < branches.size(); i++) {
                for (int j = 0; j < branches.size(); j++) {
                    if (branches.get(i).tier() < branches.get(j).tier()) {
                        double sum = rewards[first + i] + rewards[first + j];
                        losses[e] += centering * sum * sum / pairs;
                        slopes[first + i] += 2 * centering * sum / pairs;
                        slopes[first + j] += 2 * centering * sum / pairs;
                    }
                }
            }
            first += branches.size();
        }
    }
}
