package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.Ensemble;

/**
 * Metrics of a reward model, under TRL's names. {@code accuracy} and {@code margin} are means over examples, in each over
 * its pairs "better, worse"; {@code min_reward}, {@code mean_reward} and {@code max_reward} are over all completions.
 *
 * <p>The reward of an ensemble is the mean of its heads; {@code reward_std} is how far they are apart, the standard
 * deviation (n − 1) over heads, a mean over completions.
 */
public final class RewardMetrics {
    private final Calibration calibration = new Calibration();
    private int examples;
    private int ranked;
    private double loss;
    private double accuracy;
    private double margin;
    private int completions;
    private double sum;
    private double deviation;
    private int heads;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /**
     * @param rewards by head and branch
     * @param losses of each tree
     */
    public void add(PackedBatch batch, double[][] rewards, double[] losses) {
        heads = rewards.length;
        double[] means = Ensemble.means(rewards);
        double[] deviations = Ensemble.deviations(rewards);
        for (int branch = 0; branch < means.length; branch++) {
            completions++;
            sum += means[branch];
            deviation += deviations[branch];
            min = Math.min(min, means[branch]);
            max = Math.max(max, means[branch]);
        }
        int first = 0;
        for (int e = 0; e < losses.length; e++) {
            examples++;
            loss += losses[e];
            List<TokenTree.Branch> branches = batch.trees().get(e).branches();
            addPairs(branches, means, first);
            first += branches.size();
        }
    }

    private void addPairs(List<TokenTree.Branch> branches, double[] rewards, int first) {
        int pairs = 0;
        for (TokenTree.Branch a : branches) {
            for (TokenTree.Branch b : branches) {
                pairs += a.tier() < b.tier() ? 1 : 0;
            }
        }
        ranked += pairs > 0 ? 1 : 0;
        for (int i = 0; i < branches.size(); i++) {
            for (int j = 0; j < branches.size(); j++) {
                if (branches.get(i).tier() < branches.get(j).tier()) {
                    double difference = rewards[first + i] - rewards[first + j];
                    accuracy += difference > 0 ? 1.0 / pairs : 0;
                    margin += difference / pairs;
                    calibration.add(difference, 1.0 / pairs);
                }
            }
        }
    }

    public double loss() {
        return loss / examples;
    }

    /** Of the pairs. */
    public Calibration calibration() {
        return calibration;
    }

    /** The metrics, with a prefix such as {@code eval_}. Without pairs there is no accuracy and no margin. */
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (ranked > 0) {
            map.put(prefix + "accuracy", accuracy / ranked);
            map.put(prefix + "margin", margin / ranked);
        }
        map.put(prefix + "min_reward", min);
        map.put(prefix + "mean_reward", sum / completions);
        map.put(prefix + "max_reward", max);
        if (heads > 1) {
            map.put(prefix + "reward_std", deviation / completions);
        }
        return map;
    }
}
