package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.model.TokenScores;
import org.align4j.objective.Completion;
import org.align4j.objective.Objective;
import org.align4j.objective.Unpaired;

/**
 * Metrics of labelled completions, under TRL's names: {@code chosen} are the desirable ones. Where a step has none of a
 * kind, its metrics are left out. {@code entropy} is a mean over the tokens of the completions, the mismatched ones left out.
 */
public final class UnpairedMetrics implements StepMetrics {
    private final Objective objective;
    private int examples;
    private double loss;
    private int mismatched;
    private double mismatchedRatio;
    private final int[] counts = new int[2];
    private final double[] rewards = new double[2];
    private final double[] logps = new double[2];
    private long tokens;
    private double entropy;

    public UnpairedMetrics(Objective objective) {
        this.objective = objective;
    }

    @Override
    public void add(PackedBatch batch, TokenScores scores, StepLoss.Result result) {
        int branch = 0;
        for (int e = 0; e < result.losses().length; e++) {
            loss += result.losses()[e];
            List<Completion> example = result.completions().get(e);
            Completion own = example.get(0);
            counts[own.tier()]++;
            rewards[own.tier()] += objective.reward(own.logp(), own.referenceLogp(), own.length());
            logps[own.tier()] += own.logp();
            for (int i = batch.branchStarts()[branch]; i < batch.branchStarts()[branch + 1]; i++) {
                entropy += scores.entropies()[i];
                tokens++;
            }
            branch += example.size();
            examples++;
            if (example.size() > 1) {
                mismatched++;
                mismatchedRatio += Unpaired.ratio(example.get(1));
            }
        }
    }

    @Override
    public double loss() {
        return loss / examples;
    }

    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        String[] names = {"chosen", "rejected"};
        for (int tier = 0; tier < 2; tier++) {
            if (counts[tier] > 0) {
                map.put(prefix + "rewards/" + names[tier], rewards[tier] / counts[tier]);
                map.put(prefix + "logps/" + names[tier], logps[tier] / counts[tier]);
            }
        }
        if (counts[0] > 0 && counts[1] > 0) {
            map.put(prefix + "rewards/margins", rewards[0] / counts[0] - rewards[1] / counts[1]);
        }
        map.put(prefix + "kl", mismatched > 0 ? Math.max(0, mismatchedRatio / mismatched) : 0.0);
        map.put(prefix + "entropy", tokens == 0 ? 0 : entropy / tokens);
        return map;
    }
}
