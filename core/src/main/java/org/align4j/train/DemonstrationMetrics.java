package org.align4j.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.model.TokenScores;

/** Metrics of supervised fine-tuning: means over all tokens that are trained on. */
public final class DemonstrationMetrics implements StepMetrics {
    private int examples;
    private double loss;
    private long tokens;
    private double entropy;
    private long correct;

    @Override
    public void add(PackedBatch batch, TokenScores scores, StepLoss.Result result) {
        for (double each : result.losses()) {
            examples++;
            loss += each;
        }
        tokens += batch.predictionCount();
        for (int i = 0; i < batch.predictionCount(); i++) {
            entropy += scores.entropies()[i];
            correct += scores.correct()[i] ? 1 : 0;
        }
    }

    @Override
    public double loss() {
        return loss / examples;
    }

    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(prefix + "entropy", tokens == 0 ? 0 : entropy / tokens);
        map.put(prefix + "mean_token_accuracy", tokens == 0 ? 0 : (double) correct / tokens);
        return map;
    }
}
