package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The idea that carries the design: a packed tree gives what every prompt + completion gives alone. */
class TreesAgainstPlainTest {
    static Stream<String> families() {
        return TinyModels.configs().keySet().stream();
    }

    /** K = 1…8 branches, prompts and completions from one token to longer than an attention piece. */
    private static List<TokenTree> mixedTrees() {
        SplittableRandom random = new SplittableRandom(11);
        List<TokenTree> trees = new ArrayList<>();
        int[] trunkLengths = {1, 5, 40, 150, 0, 17, 3, 90};
        int[][] branchLengths = {
            {1},
            {3, 9},
            {30, 1, 70},
            {20, 140, 9, 33},
            {4, 5, 6, 7, 8},
            {50, 60, 40, 30, 1, 2},
            {1, 2, 3, 4, 5, 6, 7},
            {12, 80, 3, 19, 44, 7, 130, 21}
        };
        for (int k = 1; k <= 8; k++) {
            List<Branch> branches = new ArrayList<>();
            for (int length : branchLengths[k - 1]) {
                branches.add(new Branch(tokens(random, length), branches.size()));
            }
            trees.add(new TokenTree(tokens(random, trunkLengths[k - 1]), branches, k - 1));
        }
        return trees;
    }

    private static int[] tokens(SplittableRandom random, int length) {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = random.nextInt(61);
        }
        return tokens;
    }

    /** One tree for every branch: the plain way. */
    private static List<TokenTree> alone(List<TokenTree> trees) {
        List<TokenTree> plain = new ArrayList<>();
        for (TokenTree tree : trees) {
            for (Branch branch : tree.branches()) {
                plain.add(new TokenTree(tree.trunk(), List.of(branch), tree.row()));
            }
        }
        return plain;
    }

    @ParameterizedTest
    @MethodSource("families")
    void logProbabilitiesAndGradientsEqual(String family) {
        List<TokenTree> trees = mixedTrees();
        try (CausalLm model = TinyModels.of(family, Dtype.F32, true)) {
            List<float[]> plainLogps = new ArrayList<>();
            float[] plainGradient = pass(model, single(alone(trees)), plainLogps);
            for (List<PackedBatch> packing : List.of(
                    List.of(PackedBatch.of(trees)), PackedBatch.split(trees, 200), PackedBatch.split(trees, 1))) {
                List<float[]> logps = new ArrayList<>();
                float[] gradient = pass(model, packing, logps);
                assertClose(join(logps), join(plainLogps), 2e-5);
                assertClose(gradient, plainGradient, 2e-5);
            }
        }
    }

    private static List<PackedBatch> single(List<TokenTree> trees) {
        List<PackedBatch> batches = new ArrayList<>();
        for (TokenTree tree : trees) {
            batches.add(PackedBatch.of(List.of(tree)));
        }
        return batches;
    }

    /** Forward and backward of Σ wᵢ ℓᵢ with weights that depend only on the token's place in its own branch. */
    private static float[] pass(CausalLm model, List<PackedBatch> batches, List<float[]> logps) {
        for (PackedBatch batch : batches) {
            try (StepScope scope = StepScope.open()) {
                LogProbs forward = LogProbs.forward(model, batch);
                logps.add(forward.scores().logps());
                float[] weights = new float[batch.predictionCount()];
                for (int b = 0; b < batch.branchCount(); b++) {
                    for (int i = batch.branchStarts()[b]; i < batch.branchStarts()[b + 1]; i++) {
                        weights[i] = (float) Math.sin(1 + i - batch.branchStarts()[b]);
                    }
                }
                forward.backward(weights);
            }
        }
        float[] gradient = model.parameters().flatGradient().toFloats();
        model.parameters().zeroGradients();
        return gradient;
    }

    private static float[] join(List<float[]> parts) {
        int length = 0;
        for (float[] part : parts) {
            length += part.length;
        }
        float[] joined = new float[length];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    /** Relative to the largest magnitude: what float32 rounding is relative to in sums. */
    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isFinite();
            worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
        }
        assertThat(largest).isGreaterThan(0);
        assertThat(worst / largest).isLessThan(tolerance);
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradientsAreThoseOfFiniteDifferences(String family) {
        List<TokenTree> trees = List.of(new TokenTree(
                new int[] {3, 9, 27}, List.of(new Branch(new int[] {1, 2, 5}, 0), new Branch(new int[] {8, 7}, 1)), 0));
        PackedBatch batch = PackedBatch.of(trees);
        try (CausalLm model = TinyModels.of(family, Dtype.F32, true)) {
            float[] weights = {1, 0.5f, -1, 2, -0.25f};
            try (StepScope scope = StepScope.open()) {
                LogProbs.forward(model, batch).backward(weights);
            }
            float[] gradient = model.parameters().flatGradient().toFloats();
            float[] start = model.parameters().flat().toFloats();
            SplittableRandom random = new SplittableRandom(5);
            // Along random directions, so that every weight takes part; each slope is a sum over all of them.
            for (int trial = 0; trial < 5; trial++) {
                float[] direction = new float[start.length];
                double slope = 0;
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = random.nextBoolean() ? 1 : -1;
                    slope += (double) gradient[i] * direction[i];
                }
                double step = 1e-4;
                double numeric = (valueAt(model, batch, weights, start, direction, step)
                                - valueAt(model, batch, weights, start, direction, -step))
                        / (2 * step);
                double scale = Math.max(1, Math.abs(slope));
                assertThat((numeric - slope) / scale).isBetween(-0.02, 0.02);
            }
        }
    }

    private static double valueAt(
            CausalLm model, PackedBatch batch, float[] weights, float[] start, float[] direction, double step) {
        float[] moved = new float[start.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = (float) (start[i] + step * direction[i]);
        }
        try (StepScope scope = StepScope.open()) {
            model.parameters().flat().detach().copyInPlace(org.align4j.tensor.Tensor.of(moved, moved.length));
            float[] logps = LogProbs.score(model, batch).logps();
            double value = 0;
            for (int i = 0; i < weights.length; i++) {
                value += weights[i] * (double) logps[i];
            }
            return value;
        }
    }
}
