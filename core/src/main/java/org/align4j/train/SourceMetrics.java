package org.align4j.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.TokenScores;
import org.align4j.objective.Completion;

/**
 * Metrics where several objectives judge the examples of their own sources: those of all examples, and for each objective,
 * with its name before a slash, the loss of its own examples without its weight ({@code sft/loss}) and what else tells of
 * them. Where a step has no examples of an objective, its metrics are left out.
 */
public final class SourceMetrics implements StepMetrics {

    /**
     * An objective's part.
     *
     * @param weight of its losses
     * @param metrics empty sums
     */
    public record Part(String name, double weight, StepMetrics metrics) {}

    private final StepMetrics all;
    private final List<Part> parts;
    private final boolean[] seen;

    /** @param all for everything together */
    public SourceMetrics(StepMetrics all, List<Part> parts) {
        this.all = all;
        this.parts = parts;
        this.seen = new boolean[parts.size()];
    }

    @Override
    public void add(PackedBatch batch, TokenScores scores, StepLoss.Result result) {
        all.add(batch, scores, result);
        for (int k = 0; k < parts.size(); k++) {
            add(k, batch, scores, result);
        }
    }

    /** As if the examples of an objective had been a batch of their own. */
    private void add(int k, PackedBatch batch, TokenScores scores, StepLoss.Result result) {
        List<TokenTree> trees = new ArrayList<>();
        List<List<Completion>> completions = new ArrayList<>();
        double[] losses = new double[result.losses().length];
        int predictions = 0;
        float[] logps = new float[batch.predictionCount()];
        float[] entropies = new float[batch.predictionCount()];
        boolean[] correct = new boolean[batch.predictionCount()];
        int branch = 0;
        for (int e = 0; e < losses.length; e++) {
            TokenTree tree = batch.trees().get(e);
            int from = batch.branchStarts()[branch];
            branch += tree.branches().size();
            if (tree.objective() == k) {
                int count = batch.branchStarts()[branch] - from;
                System.arraycopy(scores.logps(), from, logps, predictions, count);
                System.arraycopy(scores.entropies(), from, entropies, predictions, count);
                System.arraycopy(scores.correct(), from, correct, predictions, count);
                predictions += count;
                losses[trees.size()] = result.losses()[e] / parts.get(k).weight();
                trees.add(tree);
                completions.add(result.completions().get(e));
            }
        }
        if (!trees.isEmpty()) {
            seen[k] = true;
            parts.get(k)
                    .metrics()
                    .add(
                            PackedBatch.of(trees),
                            new TokenScores(
                                    Arrays.copyOf(logps, predictions),
                                    Arrays.copyOf(entropies, predictions),
                                    Arrays.copyOf(correct, predictions),
                                    null),
                            new StepLoss.Result(completions, Arrays.copyOf(losses, trees.size()), new float[0]));
        }
    }

    @Override
    public double loss() {
        return all.loss();
    }

    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = new LinkedHashMap<>(all.toMap(prefix));
        for (int k = 0; k < parts.size(); k++) {
            if (seen[k]) {
                String own = prefix + parts.get(k).name() + "/";
                map.put(own + "loss", parts.get(k).metrics().loss());
                map.putAll(parts.get(k).metrics().toMap(own));
            }
        }
        return map;
    }
}
