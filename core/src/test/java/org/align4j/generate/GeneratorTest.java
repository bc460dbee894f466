package org.align4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenTree.Branch;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.model.TinyModels;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
    private static final int[] PROMPT = {3, 14, 15, 9, 26};
    private static final int[] OTHER = {5, 35, 8, 9, 7, 9, 3, 2, 38, 4};

    static Stream<String> families() {
        return TinyModels.configs().keySet().stream();
    }

    private static List<Completion> sample(CausalLm model, int[] prompt, Sampling sampling) {
        return sample(model, List.of(prompt), sampling).get(0);
    }

    private static List<List<Completion>> sample(CausalLm model, List<int[]> prompts, Sampling sampling) {
        try (Generator generator = new Generator(model, Set.of())) {
            return generator.generate(prompts, sampling);
        }
    }

    /** Log-probabilities of the next token, computed without any cache. */
    private static float[] next(CausalLm model, int[] text) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            TokenTree tree = new TokenTree(new int[0], List.of(new Branch(text, 0)), 0);
            Tensor last = model.hidden(PackedBatch.of(List.of(tree))).narrow(0, text.length - 1, 1);
            return model.logits(last).logSoftmax().toFloats();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theCacheGivesWhatTheWholeTextGives(String family) {
        try (CausalLm model = TinyModels.of(family, Dtype.F32, false)) {
            List<List<Completion>> completions = sample(model, List.of(PROMPT, OTHER), Sampling.greedy(12));
            for (int p = 0; p < 2; p++) {
                int[] text = p == 0 ? PROMPT : OTHER;
                double logp = 0;
                for (int token : completions.get(p).get(0).tokens()) {
                    float[] logps = next(model, text);
                    for (float other : logps) {
                        assertThat(other).isLessThanOrEqualTo(logps[token] + 1e-4f);
                    }
                    logp += logps[token];
                    text = Arrays.copyOf(text, text.length + 1);
                    text[text.length - 1] = token;
                }
                assertThat(completions.get(p).get(0).logp()).isCloseTo(logp, within(1e-3));
            }
        }
    }

    @Test
    void whatElseIsInTheBatchDoesNotMatter() {
        Sampling sampling = new Sampling(6, 15, 0.9, 0.95, 40, 0, 1, 7);
        try (CausalLm model = TinyModels.of("llama", Dtype.F32, false)) {
            List<Completion> alone = sample(model, PROMPT, sampling);
            List<Completion> together = sample(model, List.of(OTHER, PROMPT, new int[] {1}), sampling)
                    .get(1);
            List<Completion> fewer = sample(model, PROMPT, new Sampling(2, 15, 0.9, 0.95, 40, 0, 1, 7));
            for (int k = 0; k < 6; k++) {
                assertThat(together.get(k).tokens()).isEqualTo(alone.get(k).tokens());
            }
            assertThat(fewer.get(1).tokens()).isEqualTo(alone.get(1).tokens());
            assertThat(alone.get(0).tokens()).isNotEqualTo(alone.get(1).tokens());
        }
    }

    @Test
    void samplesFollowTheModelsDistribution() {
        int count = 6000;
        try (CausalLm model = TinyModels.of("llama", Dtype.F32, false)) {
            float[] logps = next(model, PROMPT);
            int[] drawn = new int[logps.length];
            for (Completion completion : sample(model, PROMPT, new Sampling(count, 1, 2.0, 1, 0, 0, 1, 3))) {
                drawn[completion.tokens()[0]]++;
            }
            double total = 0;
            for (float logp : logps) {
                total += Math.exp(logp / 2.0);
            }
            for (int token = 0; token < drawn.length; token++) {
                double p = Math.exp(logps[token] / 2.0) / total;
                double standardError = Math.sqrt(p * (1 - p) / count);
                assertThat(drawn[token] / (double) count).isCloseTo(p, within(5 * standardError + 1e-3));
            }
        }
    }

    @Test
    void filtersKeepToTheirSets() {
        try (CausalLm model = TinyModels.of("gpt2", Dtype.F32, false)) {
            float[] logps = next(model, PROMPT);
            Integer[] byProbability = new Integer[logps.length];
            Arrays.setAll(byProbability, i -> i);
            Arrays.sort(byProbability, (a, b) -> Float.compare(logps[b], logps[a]));
            List<Integer> nucleus = new ArrayList<>();
            double reached = 0;
            for (int i = 0; reached < 0.6; i++) {
                nucleus.add(byProbability[i]);
                reached += Math.exp(logps[byProbability[i]]);
            }
            List<Integer> nearBest = new ArrayList<>();
            for (int token : byProbability) {
                if (logps[token] >= logps[byProbability[0]] + Math.log(0.2)) {
                    nearBest.add(token);
                }
            }
            assertThat(firstTokens(model, new Sampling(500, 1, 1, 1, 3, 0, 1, 1)))
                    .containsOnly(byProbability[0], byProbability[1], byProbability[2]);
            assertThat(firstTokens(model, new Sampling(500, 1, 1, 0.6, 0, 0, 1, 1)))
                    .isSubsetOf(nucleus);
            assertThat(firstTokens(model, new Sampling(500, 1, 1, 1, 0, 0.2, 1, 1)))
                    .isSubsetOf(nearBest);
            assertThat(firstTokens(model, new Sampling(20, 1, 1, 1, 1, 0, 1, 1)))
                    .containsOnly(byProbability[0]);
        }
    }

    private static List<Integer> firstTokens(CausalLm model, Sampling sampling) {
        List<Integer> tokens = new ArrayList<>();
        for (Completion completion : sample(model, PROMPT, sampling)) {
            tokens.add(completion.tokens()[0]);
        }
        return tokens;
    }

    @Test
    void aStopTokenEndsACompletionAndIsPartOfItsProbability() {
        try (CausalLm model = TinyModels.of("llama", Dtype.F32, false)) {
            int[] free = sample(model, PROMPT, Sampling.greedy(10)).get(0).tokens();
            int stop = free[4];
            int first = 0;
            while (free[first] != stop) {
                first++;
            }
            Completion stopped;
            try (Generator generator = new Generator(model, Set.of(stop))) {
                stopped = generator
                        .generate(List.of(PROMPT), Sampling.greedy(10))
                        .get(0)
                        .get(0);
            }
            assertThat(stopped.finish()).isEqualTo(Completion.Finish.STOP);
            assertThat(stopped.tokens()).isEqualTo(Arrays.copyOf(free, first));
            TokenTree tree = new TokenTree(PROMPT, List.of(new Branch(Arrays.copyOf(free, first + 1), 0)), 0);
            PackedBatch batch = PackedBatch.of(List.of(tree));
            assertThat(stopped.logp()).isCloseTo(LogProbs.score(model, batch).branchSums(batch)[0], within(1e-3));
        }
    }

    /** What a generator keeps from one call serves the next, whatever they ask. */
    @ParameterizedTest
    @MethodSource("families")
    void aGeneratorCompletesAgainAndAgain(String family) {
        Sampling few = Sampling.plain(2, 8, 5);
        Sampling many = Sampling.plain(9, 40, 6);
        try (CausalLm model = TinyModels.of(family, Dtype.F32, false);
                Generator generator = new Generator(model, Set.of())) {
            for (Sampling sampling : List.of(few, many, few, many)) {
                List<Completion> again =
                        generator.generate(List.of(PROMPT), sampling).get(0);
                List<Completion> once = sample(model, PROMPT, sampling);
                for (int k = 0; k < once.size(); k++) {
                    assertThat(again.get(k).tokens()).isEqualTo(once.get(k).tokens());
                    assertThat(again.get(k).logps()).isEqualTo(once.get(k).logps());
                }
            }
        }
    }

    /** A budget that holds two or three prompts at a time gives what one that holds all gives. */
    @ParameterizedTest
    @MethodSource("families")
    void waitingPromptsTakeThePlaceOfThoseThatEnded(String family) {
        List<int[]> prompts = new ArrayList<>();
        for (int p = 0; p < 12; p++) {
            int[] prompt = new int[1 + p % 5 * 3];
            Arrays.setAll(prompt, i -> (7 * i + 3) % 40);
            prompt[0] = p;
            prompts.add(prompt);
        }
        Sampling sampling = new Sampling(3, 20, 1, 1, 0, 0, 1, 11);
        // Stops are frequent, so that rows leave at different times.
        Stop stop = Stop.at(Set.of(1, 5, 9, 13, 17));
        try (CausalLm model = TinyModels.of(family, Dtype.F32, false);
                Generator withRoom = new Generator(model, stop, 100_000);
                Generator withLittle = new Generator(model, stop, 150)) {
            List<List<Completion>> roomy = withRoom.generate(prompts, sampling);
            List<List<Completion>> tight = withLittle.generate(prompts, sampling);
            Set<Integer> lengths = new TreeSet<>();
            for (int p = 0; p < prompts.size(); p++) {
                for (int k = 0; k < 3; k++) {
                    Completion expected = roomy.get(p).get(k);
                    Completion actual = tight.get(p).get(k);
                    assertThat(actual.tokens()).isEqualTo(expected.tokens());
                    assertThat(actual.finish()).isEqualTo(expected.finish());
                    assertThat(actual.logp()).isCloseTo(expected.logp(), within(1e-4));
                    lengths.add(actual.tokens().length);
                }
            }
            assertThat(lengths).hasSizeGreaterThan(3);
        }
    }

    @Test
    void logpsAreThoseOfTheTokens() {
        try (CausalLm model = TinyModels.of("llama", Dtype.F32, false)) {
            for (Completion completion : sample(model, PROMPT, new Sampling(3, 80, 0.7, 0.9, 0, 0, 1.3, 5))) {
                assertLogps(model, PROMPT, completion);
            }
        }
    }

    /** A prompt of that length is shared by its completions, a short one is copied to each. */
    @ParameterizedTest
    @MethodSource("families")
    void completionsOfALongPromptShareIt(String family) {
        int[] prompt = new int[400];
        Arrays.setAll(prompt, i -> i * i % 59);
        try (CausalLm model = TinyModels.of(family, Dtype.F32, false)) {
            List<List<Completion>> completions =
                    sample(model, List.of(prompt, OTHER), new Sampling(12, 12, 1, 1, 0, 0, 1, 2));
            for (int k = 0; k < 12; k++) {
                assertLogps(model, prompt, completions.get(0).get(k));
                assertLogps(model, OTHER, completions.get(1).get(k));
            }
        }
    }

    /** The short prompt is copied to its completions and joins those that share the long one once half of them ended. */
    @ParameterizedTest
    @MethodSource("families")
    void promptsThatAreSharedAndSuchThatAreCopiedGrowTogether(String family) {
        int[] prompt = new int[200];
        Arrays.setAll(prompt, i -> i * i % 59);
        Sampling sampling = new Sampling(12, 24, 1, 1, 0, 0, 1, 2);
        Stop stop = Stop.at(Set.of(1, 5, 9, 13, 17));
        try (CausalLm model = TinyModels.of(family, Dtype.F32, false);
                Generator withRoom = new Generator(model, stop, 100_000);
                Generator withLittle = new Generator(model, stop, 700)) {
            List<List<Completion>> roomy = withRoom.generate(List.of(prompt, OTHER, PROMPT), sampling);
            List<List<Completion>> tight = withLittle.generate(List.of(prompt, OTHER, PROMPT), sampling);
            for (int p = 0; p < 3; p++) {
                for (int k = 0; k < 12; k++) {
                    Completion expected = roomy.get(p).get(k);
                    Completion actual = tight.get(p).get(k);
                    assertThat(actual.tokens()).isEqualTo(expected.tokens());
                    assertThat(actual.logp()).isCloseTo(expected.logp(), within(1e-4));
                }
            }
        }
    }

    /** In bf16 the tokens' log-probabilities are as near to float32's as those of the whole text, which rounds elsewhere. */
    @ParameterizedTest
    @MethodSource("families")
    void bf16IsAsExactHereAsInAWholeText(String family) {
        int[] prompt = new int[100];
        Arrays.setAll(prompt, i -> i * i % 59);
        try (CausalLm model = TinyModels.of(family, Dtype.BF16, false);
                CausalLm exact = TinyModels.of(family, Dtype.F32, false)) {
            double sampled = 0;
            double whole = 0;
            for (Completion completion : sample(model, prompt, new Sampling(12, 40, 1, 1, 0, 0, 1, 2))) {
                PackedBatch batch =
                        PackedBatch.of(List.of(new TokenTree(prompt, List.of(new Branch(completion.tokens(), 0)), 0)));
                float[] expected = LogProbs.score(exact, batch).logps();
                float[] inBf16 = LogProbs.score(model, batch).logps();
                for (int i = 0; i < expected.length; i++) {
                    sampled += Math.abs(completion.logps()[i] - expected[i]);
                    whole += Math.abs(inBf16[i] - expected[i]);
                }
            }
            assertThat(sampled).isLessThan(1.2 * whole);
        }
    }

    /** Its weights are large enough to be split between threads, and for many new tokens to be packed. */
    @Test
    void largeLayersGiveTheSameInPieces() {
        String config = "{\"architectures\":[\"Qwen2ForCausalLM\"],\"vocab_size\":700,\"hidden_size\":328,"
                + "\"intermediate_size\":510,\"num_hidden_layers\":2,\"num_attention_heads\":4,"
                + "\"num_key_value_heads\":2}";
        for (int newTokens : new int[] {6, 40}) {
            try (CausalLm model = TinyModels.ofConfig(config, 0.06, Dtype.F32, false)) {
                for (Completion completion : sample(model, PROMPT, Sampling.plain(5, newTokens, 4))) {
                    assertThat(completion.tokens()).hasSize(newTokens);
                    assertLogps(model, PROMPT, completion);
                }
            }
        }
    }

    private static void assertLogps(CausalLm model, int[] prompt, Completion completion) {
        TokenTree tree = new TokenTree(prompt, List.of(new Branch(completion.tokens(), 0)), 0);
        float[] expected = LogProbs.score(model, PackedBatch.of(List.of(tree))).logps();
        assertThat(completion.logps()).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(completion.logps()[i]).isCloseTo(expected[i], within(1e-4f));
        }
    }

    @Test
    void theRepetitionPenaltyShrinksLogitsOfWhatWasSeen() {
        double penalty = 1.7;
        try (CausalLm model = TinyModels.of("llama", Dtype.F32, false)) {
            int[] text = PROMPT;
            Completion completion = sample(model, PROMPT, new Sampling(1, 12, 0, 1, 0, 0, penalty, 1))
                    .get(0);
            for (int token : completion.tokens()) {
                float[] logits = logits(model, text);
                for (int seen : Arrays.stream(text).distinct().toArray()) {
                    logits[seen] *= logits[seen] > 0 ? 1 / penalty : penalty;
                }
                int best = 0;
                for (int i = 1; i < logits.length; i++) {
                    best = logits[i] > logits[best] ? i : best;
                }
                assertThat(token).isEqualTo(best);
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = token;
            }
            assertThat(completion.tokens())
                    .isNotEqualTo(
                            sample(model, PROMPT, Sampling.greedy(12)).get(0).tokens());
        }
    }

    private static float[] logits(CausalLm model, int[] text) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            TokenTree tree = new TokenTree(new int[0], List.of(new Branch(text, 0)), 0);
            Tensor last = model.hidden(PackedBatch.of(List.of(tree))).narrow(0, text.length - 1, 1);
            return last.linear(model.head(), null).toFloats();
        }
    }

    @Test
    void aRuleEndsACompletionAfterItsToken() {
        try (CausalLm model = TinyModels.of("gpt2", Dtype.F32, false);
                Generator generator = new Generator(model, new Stop(Set.of(), (tokens, length) -> length == 4))) {
            int[] free = sample(model, PROMPT, Sampling.greedy(10)).get(0).tokens();
            List<Integer> heard = new ArrayList<>();
            Completion stopped = generator
                    .generate(List.of(PROMPT), Sampling.greedy(10), (prompt, completion, token) -> heard.add(token))
                    .get(0)
                    .get(0);
            assertThat(stopped.tokens()).isEqualTo(Arrays.copyOf(free, 4));
            assertThat(stopped.finish()).isEqualTo(Completion.Finish.STOP);
            assertThat(heard).containsExactly(free[0], free[1], free[2], free[3]);
        }
    }
}
