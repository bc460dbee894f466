package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.TokenScores;

/**
 * Metrics of a step or an evaluation, summed over its packed batches, under TRL's names.
 *
 * <p>Rewards, log-probabilities and the loss are means over examples; {@code entropy} is a mean over all completion
 * tokens; {@code mean_token_accuracy} over the tokens of the best tier (for pairs: chosen). {@code rewards/accuracies}
 * counts a pair as right only when its reward is strictly higher, so it is 0 as long as policy = reference.
 */
public final class PreferenceMetrics {
    private int examples;
    private int ranked; // examples in which something is better than something else
    private double loss;
    private double chosenReward;
    private double rejectedReward;
    private double accuracy;
    private double chosenLogps;
    private double rejectedLogps;
    private long tokens;
    private double entropy;
    private long bestTokens;
    private long correctTokens;

    public void add(PackedBatch batch, TokenScores scores, List<PreferenceLoss.Example> parts) {
        for (PreferenceLoss.Example part : parts) {
            examples++;
            loss += part.loss();
            if (Double.isNaN(part.accuracy())) {
                continue;
            }
            ranked++;
            chosenReward += part.chosenReward();
            rejectedReward += part.rejectedReward();
            accuracy += part.accuracy();
            chosenLogps += part.chosenLogps();
            rejectedLogps += part.rejectedLogps();
        }
        tokens += batch.predictionCount();
        for (float value : scores.entropies()) {
            entropy += value;
        }
        int branch = 0;
        for (TokenTree tree : batch.trees()) {
            for (TokenTree.Branch each : tree.branches()) {
                if (each.tier() == tree.bestTier()) {
                    countCorrect(scores, batch.branchStarts()[branch], batch.branchStarts()[branch + 1]);
                }
                branch++;
            }
        }
    }

    private void countCorrect(TokenScores scores, int from, int to) {
        bestTokens += to - from;
        for (int i = from; i < to; i++) {
            correctTokens += scores.correct()[i] ? 1 : 0;
        }
    }

    public double loss() {
        return loss / examples;
    }

    /** The metrics, with a prefix such as {@code eval_}. */
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        double n = Math.max(1, ranked);
        map.put(prefix + "rewards/chosen", chosenReward / n);
        map.put(prefix + "rewards/rejected", rejectedReward / n);
        map.put(prefix + "rewards/accuracies", accuracy / n);
        map.put(prefix + "rewards/margins", (chosenReward - rejectedReward) / n);
        map.put(prefix + "logps/chosen", chosenLogps / n);
        map.put(prefix + "logps/rejected", rejectedLogps / n);
        map.put(prefix + "entropy", tokens == 0 ? 0 : entropy / tokens);
        map.put(prefix + "mean_token_accuracy", bestTokens == 0 ? 0 : (double) correctTokens / bestTokens);
        return map;
    }
}
