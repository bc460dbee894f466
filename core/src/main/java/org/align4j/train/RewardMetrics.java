package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;

/**
 * Metrics of a reward model, under TRL's names. {@code accuracy} and {@code margin} are means over examples, in each over
 * its pairs "better, worse"; {@code min_reward}, {@code mean_reward} and {@code max_reward} are over all completions.
 */
public final class RewardMetrics {
    private int examples;
    private int ranked;
    private double loss;
    private double accuracy;
    private double margin;
    private int completions;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /** @param rewards one for each branch */
    public void add(PackedBatch batch, double[] rewards, RewardLoss.Result result) {
        int first = 0;
        for (int e = 0; e < result.losses().length; e++) {
            examples++;
            loss += result.losses()[e];
            List<TokenTree.Branch> branches = batch.trees().get(e).branches();
            addPairs(branches, rewards, first);
            first += branches.size();
        }
        for (double reward : rewards) {
            completions++;
            sum += reward;
            min = Math.min(min, reward);
            max = Math.max(max, reward);
        }
    }

    private void addPairs(List<TokenTree.Branch> branches, double[] rewards, int first) {
        int pairs = 0;
        double right = 0;
        double difference = 0;
        for (int i = 0; i < branches.size(); i++) {
            for (int j = 0; j < branches.size(); j++) {
                if (branches.get(i).tier() < branches.get(j).tier()) {
                    double each = rewards[first + i] - rewards[first + j];
                    pairs++;
                    right += each > 0 ? 1 : 0;
                    difference += each;
                }
            }
        }
        if (pairs > 0) {
            ranked++;
            accuracy += right / pairs;
            margin += difference / pairs;
        }
    }

    public double loss() {
        return loss / examples;
    }

    /** The metrics, with a prefix such as {@code eval_}. */
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(prefix + "accuracy", accuracy / Math.max(1, ranked));
        map.put(prefix + "margin", margin / Math.max(1, ranked));
        map.put(prefix + "min_reward", min);
        map.put(prefix + "mean_reward", sum / completions);
        map.put(prefix + "max_reward", max);
        return map;
    }
}
