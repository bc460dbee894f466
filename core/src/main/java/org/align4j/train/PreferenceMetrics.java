package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.TokenScores;
import org.align4j.objective.Completion;
import org.align4j.objective.Objective;
import org.align4j.objective.Pair;
import org.align4j.objective.PairRule;

/**
 * Metrics of rankings.
 *
 * <p>Rewards, log-probabilities and the loss are means over examples; {@code entropy} is a mean over all completion
 * tokens; {@code mean_token_accuracy} over the tokens of the best tier (for pairs: chosen). {@code rewards/accuracies}
 * counts a pair as right only when its reward is strictly higher, so it is 0 as long as policy = reference. Where nothing is
 * better than something else, as in demonstrations, rewards and log-probabilities are left out.
 */
public final class PreferenceMetrics implements StepMetrics {

    /**
     * One ranking's part. All are means over its pairs "better, worse", whatever the objective looks at, and NaN where all
     * are tied.
     *
     * @param chosenReward β (log π − log π_ref) of the better completion; rejected likewise
     * @param accuracy share of pairs whose better completion has the higher reward; equal rewards do not count
     */
    record Part(
            double chosenReward, double rejectedReward, double accuracy, double chosenLogps, double rejectedLogps) {}

    private final Objective objective;
    private final PairRule pairs;

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

    /** @param ldAlpha how log-probabilities are counted: {@link PairRule#ldAlpha} */
    public PreferenceMetrics(Objective objective, double ldAlpha) {
        this.objective = objective;
        this.pairs = new PairRule(PairRule.Which.ALL, ldAlpha);
    }

    @Override
    public void add(PackedBatch batch, TokenScores scores, StepLoss.Result result) {
        for (int e = 0; e < result.losses().length; e++) {
            examples++;
            loss += result.losses()[e];
            Part part = part(result.completions().get(e));
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

    Part part(List<Completion> completions) {
        double[] total = new double[5];
        List<Pair> all = pairs.pairs(completions, false);
        for (Pair pair : all) {
            double chosen = objective.reward(pair.policyChosen(), pair.referenceChosen(), pair.chosenLength());
            double rejected = objective.reward(pair.policyRejected(), pair.referenceRejected(), pair.rejectedLength());
            total[0] += chosen;
            total[1] += rejected;
            total[2] += chosen > rejected ? 1 : 0;
            total[3] += pair.policyChosen();
            total[4] += pair.policyRejected();
        }
        double n = all.size();
        return new Part(total[0] / n, total[1] / n, total[2] / n, total[3] / n, total[4] / n);
    }

    private void countCorrect(TokenScores scores, int from, int to) {
        bestTokens += to - from;
        for (int i = from; i < to; i++) {
            correctTokens += scores.correct()[i] ? 1 : 0;
        }
    }

    @Override
    public double loss() {
        return loss / examples;
    }

    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (ranked > 0) {
            double n = ranked;
            map.put(prefix + "rewards/chosen", chosenReward / n);
            map.put(prefix + "rewards/rejected", rejectedReward / n);
            map.put(prefix + "rewards/accuracies", accuracy / n);
            map.put(prefix + "rewards/margins", (chosenReward - rejectedReward) / n);
            map.put(prefix + "logps/chosen", chosenLogps / n);
            map.put(prefix + "logps/rejected", rejectedLogps / n);
        }
        map.put(prefix + "entropy", tokens == 0 ? 0 : entropy / tokens);
        map.put(prefix + "mean_token_accuracy", bestTokens == 0 ? 0 : (double) correctTokens / bestTokens);
        return map;
    }
}
