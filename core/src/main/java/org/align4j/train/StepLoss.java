package org.align4j.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.TokenScores;
import org.align4j.objective.Batch;
import org.align4j.objective.BySource;
import org.align4j.objective.Completion;
import org.align4j.objective.Gradient;
import org.align4j.objective.Losses;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;

/**
 * The loss of an optimizer step or of an evaluation: from the log-probabilities of its packed batches to losses, gradients
 * and metrics.
 *
 * <p>Most objectives judge each example by itself, so a packed batch can go forward and backward before the next one is
 * looked at. Where one must see the whole step, {@link #looksAhead} says so, and every packed batch is to be shown first.
 */
public final class StepLoss {

    /**
     * The outcome for a packed batch.
     *
     * @param completions of each tree, in the batch's order, as the objective saw them
     * @param losses of each tree, nats
     * @param gradient ∂(Σ losses)/∂(log-probability), one for each prediction of the batch
     */
    public record Result(List<List<Completion>> completions, double[] losses, float[] gradient) {}

    private final Objective objective;
    private final List<PackedBatch> packs;
    private final Batch.Step step;
    private final List<Batch.Step> steps; // the parts of it that each objective judges
    private final Set<Need> needs;
    private double[] memory;

    // Only where the whole step is needed:
    private final List<List<Completion>> shown = new ArrayList<>();
    private final List<Integer> shownJudges = new ArrayList<>();
    private int judged; // examples of the step, and their completions, for which there was a result
    private int judgedCompletions;
    private Losses whole;

    /**
     * @param packs all packed batches of the step
     * @param memory what the objective carried over from the step before
     */
    public StepLoss(Objective objective, List<PackedBatch> packs, double[] memory) {
        this.objective = objective;
        this.packs = packs;
        int objectives = objective instanceof BySource several ? several.parts().size() : 1;
        this.steps = steps(packs, objectives);
        this.step = new Batch.Step(
                steps.stream().mapToInt(Batch.Step::examples).sum(),
                steps.stream().mapToLong(Batch.Step::bestTokens).sum());
        this.needs = objective.needs();
        this.memory = memory;
    }

    /** What the step holds for each of so many objectives. */
    private static List<Batch.Step> steps(List<PackedBatch> packs, int objectives) {
        int[] examples = new int[objectives];
        long[] bestTokens = new long[objectives];
        for (PackedBatch packed : packs) {
            int branch = 0;
            for (TokenTree tree : packed.trees()) {
                examples[tree.objective()]++;
                for (TokenTree.Branch each : tree.branches()) {
                    bestTokens[tree.objective()] += each.tier() == tree.bestTier() ? length(packed, branch) : 0;
                    branch++;
                }
            }
        }
        return IntStream.range(0, objectives)
                .mapToObj(k -> new Batch.Step(examples[k], bestTokens[k]))
                .toList();
    }

    private static int length(PackedBatch packed, int branch) {
        return packed.branchStarts()[branch + 1] - packed.branchStarts()[branch];
    }

    /** Whether all packed batches must be shown before the first loss. With a single one its loss comes at once. */
    public boolean looksAhead() {
        return needs.contains(Need.WHOLE_STEP) && packs.size() > 1;
    }

    /** Shows the next packed batch. */
    public void show(PackedBatch packed, TokenScores scores, Reference reference) {
        shown.addAll(completions(packed, scores, reference));
        shownJudges.addAll(judges(packed));
    }

    /**
     * The loss of a packed batch and its share of the gradient of the step's mean loss. What was shown is asked for in the
     * same order.
     */
    public Result of(PackedBatch packed, TokenScores scores, Reference reference) {
        List<List<Completion>> examples = completions(packed, scores, reference);
        Losses losses = looksAhead() ? part(packed) : judge(examples, judges(packed));
        return new Result(examples, losses.examples(), gradient(packed, losses.gradient()));
    }

    private static List<Integer> judges(PackedBatch packed) {
        return packed.trees().stream().map(TokenTree::objective).toList();
    }

    private Losses judge(List<List<Completion>> examples, List<Integer> judges) {
        Losses losses = objective.losses(new Batch(examples, step, memory, new Batch.Judges(judges, steps)));
        if (losses.memory().length > 0) {
            memory = losses.memory();
        }
        return losses;
    }

    private Losses part(PackedBatch packed) {
        if (whole == null) {
            whole = judge(shown, shownJudges);
        }
        double[] losses = Arrays.copyOfRange(
                whole.examples(), judged, judged + packed.trees().size());
        Gradient gradient = whole.gradient().part(judgedCompletions, packed.branchCount());
        judged += losses.length;
        judgedCompletions += packed.branchCount();
        return new Losses(losses, gradient);
    }

    /** What the objective carries over to the next step. */
    public double[] memory() {
        return memory;
    }

    private List<List<Completion>> completions(PackedBatch packed, TokenScores scores, Reference reference) {
        boolean tokens = needs.contains(Need.TOKENS);
        boolean compared = needs.contains(Need.REFERENCE);
        double[] sums = scores.branchSums(packed);
        int[] starts = packed.branchStarts();
        float[] referenceTokens = compared && tokens ? reference.tokenLogps(packed) : null;
        double[] referenceSums = new double[sums.length];
        if (referenceTokens != null) {
            referenceSums = TokenScores.sums(packed, referenceTokens);
        } else if (compared) {
            referenceSums = reference.branchSums(packed);
        }
        List<List<Completion>> examples = new ArrayList<>();
        int branch = 0;
        for (TokenTree tree : packed.trees()) {
            List<Completion> example = new ArrayList<>();
            for (TokenTree.Branch each : tree.branches()) {
                int from = starts[branch];
                int to = starts[branch + 1];
                example.add(new Completion(
                        each.tier(),
                        each.score(),
                        to - from,
                        sums[branch],
                        referenceSums[branch],
                        tokens ? Arrays.copyOfRange(scores.logps(), from, to) : null,
                        referenceTokens == null ? null : Arrays.copyOfRange(referenceTokens, from, to),
                        needs.contains(Need.CERTAINTY) ? scores.certainty(from, to) : Double.NaN));
                branch++;
            }
            examples.add(example);
        }
        return examples;
    }

    private float[] gradient(PackedBatch packed, Gradient slopes) {
        double scale = 1.0 / step.examples();
        float[] gradient = new float[packed.predictionCount()];
        for (int branch = 0; branch < packed.branchCount(); branch++) {
            int from = packed.branchStarts()[branch];
            double[] ofTokens = slopes.tokens(branch, length(packed, branch));
            for (int i = 0; i < ofTokens.length; i++) {
                gradient[from + i] = (float) (ofTokens[i] * scale);
            }
        }
        return gradient;
    }
}
