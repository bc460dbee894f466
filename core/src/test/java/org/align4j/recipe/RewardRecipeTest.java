package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.config.Setting;
import org.align4j.data.OnBadRow;
import org.align4j.data.PackedBatch;
import org.align4j.data.RankingReader;
import org.align4j.data.TokenTree;
import org.align4j.data.TreeBuilder;
import org.align4j.model.CausalLm;
import org.align4j.model.HeadOutputs;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Reward models beside TRL's trainer, step by step; see golden/trl/README.md. */
class RewardRecipeTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");
    private static final int EOS = 2;

    @TempDir
    private Path folder;

    private RewardConfig config(String name, Object... more) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of(
                "model",
                GOLDENS.resolve("reward_model"),
                "data",
                GOLDENS.resolve("train.jsonl"),
                "output",
                folder.resolve(name),
                "dtype",
                "float32",
                "shuffle",
                false,
                "lr_scheduler_type",
                "constant",
                "max_grad_norm",
                0,
                "max_steps",
                6,
                "tokens_per_microbatch",
                100));
        all.addAll(List.of(more));
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return RewardConfig.SCHEMA.read(settings);
    }

    static Stream<JsonNode> runs() {
        List<JsonNode> runs = new ArrayList<>();
        JsonFiles.readObject(GOLDENS.resolve("reward.json")).get("runs").forEach(runs::add);
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void followsTrlAndGivesTheRewardsOfTransformers(JsonNode run) {
        Path data = GOLDENS.resolve(run.get("data").stringValue());
        List<Object> keys = new ArrayList<>(List.of("data", data));
        run.get("config").properties().forEach(entry -> {
            boolean batch = entry.getKey().equals("per_device_train_batch_size");
            keys.add(batch ? "train_batch_size" : entry.getKey());
            keys.add(entry.getValue().asString());
        });
        Path model = GOLDENS.resolve("reward_model");
        if (run.has("chat_template")) {
            keys.addAll(List.of("chat_template", run.get("chat_template").stringValue()));
        }
        if (run.get("name").stringValue().equals("adapter")) {
            model = GOLDENS.resolve("model");
            keys.addAll(List.of("use_peft", true, "adapter", GOLDENS.resolve("reward_adapter")));
        }
        keys.addAll(List.of("model", model));
        RewardConfig config = config("out", keys.toArray());
        assertThat(RewardRecipe.run(config, Runs.listener()).finished()).isTrue();

        List<JsonNode> ours = Runs.metrics(config.training().output());
        assertThat(ours).hasSize(6);
        for (int i = 0; i < ours.size(); i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i), run.get("steps").get(i), "");
        }
        List<JsonNode> rows = score("reward_model", config.training().output(), "data", data);
        for (int row = 0; row < rows.size(); row++) {
            for (int side = 0; side < 2; side++) {
                double wanted = run.get("rewards").get(row).get(side).doubleValue();
                assertThat(reward(rows.get(row), side)).isCloseTo(wanted, within(1e-3));
            }
        }
    }

    private static double reward(JsonNode row, int completion) {
        return row.get("completions").get(completion).get("reward").doubleValue();
    }

    private static List<JsonNode> score(Object... keysAndValues) {
        return ScoreAndGenerateTest.scored(keysAndValues);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bradley_terry", "best_of_n", "plackett_luce"})
    void ofTwoAllLossesAreBradleyAndTerrys(String loss) {
        RewardConfig config = config(loss, "loss_type", loss, "train_batch_size", 12, "max_steps", 1);
        RewardRecipe.run(config, Runs.listener());
        RewardConfig plain = config("plain", "train_batch_size", 12, "max_steps", 1);
        RewardRecipe.run(plain, Runs.listener());
        double wanted =
                Runs.metrics(plain.training().output()).get(0).get("loss").doubleValue();
        assertThat(Runs.metrics(config.training().output()).get(0).get("loss").doubleValue())
                .isCloseTo(wanted, within(1e-12));
    }

    @Test
    void aLanguageModelGetsANewHeadAndAStoppedRunGoesOnBitForBit() throws IOException {
        Object[] keys = {
            "model",
            GOLDENS.resolve("model"),
            "head_init",
            "zero",
            "learning_rate",
            1e-2,
            "train_batch_size",
            4,
            "eval_split",
            3,
            "save_steps",
            2
        };
        RewardConfig whole = config("whole", keys);
        RewardRecipe.run(whole, Runs.listener());
        JsonNode first = Runs.metrics(whole.training().output()).get(0);
        assertThat(first.get("eval_loss").doubleValue()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(first.get("eval_margin").doubleValue()).isZero();

        // What a run leaves that is killed right after its first evaluation.
        Files.createDirectories(folder.resolve("stopped"));
        Files.writeString(folder.resolve("stopped/metrics.jsonl"), "{\"step\":0,\"epoch\":0.0,\"eval_loss\":1.0}\n");
        List<Object> killed = new ArrayList<>(List.of(keys));
        killed.addAll(List.of("resume", true));
        RewardRecipe.run(config("stopped", killed.toArray()), new Runs.Listener(step -> step == 3));
        assertThat(Runs.metrics(folder.resolve("stopped")).stream()
                        .map(row -> row.get("step").intValue()))
                .containsExactly(0, 1, 2, 3);
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        RewardConfig resumed = config("stopped", again.toArray());
        assertThat(RewardRecipe.run(resumed, Runs.listener()).finished()).isTrue();
        assertThat(Files.readAllBytes(resumed.training().output().resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.training().output().resolve("model.safetensors")));
        JsonNode written = JsonFiles.readObject(whole.training().output().resolve("config.json"));
        assertThat(written.get("architectures").get(0).stringValue()).isEqualTo("LlamaForSequenceClassification");
        assertThat(written.get("pad_token_id").intValue()).isEqualTo(EOS);
    }

    @Test
    void anAdapterBringsItsHeadGoesOnBitForBitAndMerges() throws IOException {
        Object[] keys = {
            "model",
            GOLDENS.resolve("model"),
            "use_peft",
            true,
            "lora_dropout",
            0.2,
            "learning_rate",
            1e-2,
            "train_batch_size",
            5,
            "max_steps",
            8
        };
        RewardRecipe.run(config("whole", keys), Runs.listener());
        RewardRecipe.run(config("stopped", keys), new Runs.Listener(step -> step == 3));
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        RewardRecipe.run(config("stopped", again.toArray()), Runs.listener());
        String weights = "adapter_model.safetensors";
        assertThat(Files.readAllBytes(folder.resolve("stopped").resolve(weights)))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole").resolve(weights)));
        JsonNode written = JsonFiles.readObject(folder.resolve("whole/adapter_config.json"));
        assertThat(written.get("task_type").stringValue()).isEqualTo("SEQ_CLS");
        assertThat(written.get("modules_to_save").toString()).isEqualTo("[\"classifier\",\"score\"]");

        Object[] data = {"data", GOLDENS.resolve("train.jsonl")};
        List<JsonNode> adapted = score("reward_model", folder.resolve("whole"), data[0], data[1]);
        assertThat(score(
                        "reward_model", GOLDENS.resolve("model"), "adapter", folder.resolve("whole"), data[0], data[1]))
                .isEqualTo(adapted);
        Map<String, Setting> merge = new LinkedHashMap<>();
        merge.put("model", new Setting(GOLDENS.resolve("model").toString(), "test"));
        merge.put("adapter", new Setting(folder.resolve("whole").toString(), "test"));
        merge.put("output", new Setting(folder.resolve("merged").toString(), "test"));
        MergeRecipe.run(MergeConfig.SCHEMA.read(merge), Runs.listener());
        List<JsonNode> merged = score("reward_model", folder.resolve("merged"), data[0], data[1]);
        double margin = 0;
        for (int row = 0; row < merged.size(); row++) {
            for (int side = 0; side < 2; side++) {
                assertThat(reward(merged.get(row), side)).isCloseTo(reward(adapted.get(row), side), within(1e-5));
            }
            margin += reward(merged.get(row), 0) - reward(merged.get(row), 1);
        }
        assertThat(margin / merged.size()).isGreaterThan(0.5); // it learned something
    }

    @Test
    void anEnsembleSaysHowFarItsHeadsAreApart() throws IOException {
        RewardConfig config = config(
                "ensemble",
                "model",
                GOLDENS.resolve("model"),
                "ensemble",
                4,
                "learning_rate",
                1e-3,
                "eval_data",
                GOLDENS.resolve("eval.jsonl"));
        RewardRecipe.run(config, Runs.listener());
        JsonNode last = Runs.metrics(config.training().output()).get(6);
        assertThat(last.get("eval_reward_std").doubleValue()).isPositive();
        JsonNode written = JsonFiles.readObject(folder.resolve("ensemble/config.json"));
        assertThat(written.get("id2label").size()).isEqualTo(4);
        assertThat(written.get("align4j_heads").stringValue()).isEqualTo("ensemble");

        List<JsonNode> rows = score("reward_model", folder.resolve("ensemble"), "data", GOLDENS.resolve("eval.jsonl"));
        double deviations = 0;
        double mean = 0;
        for (JsonNode row : rows) {
            for (JsonNode completion : row.get("completions")) {
                deviations += completion.get("reward_std").doubleValue() / (2 * rows.size());
                mean += completion.get("reward").doubleValue() / (2 * rows.size());
            }
        }
        assertThat(deviations).isCloseTo(last.get("eval_reward_std").doubleValue(), within(1e-6));
        assertThat(mean).isCloseTo(last.get("eval_mean_reward").doubleValue(), within(1e-6));

        // Training goes on with what there is, and not with something else.
        RewardConfig more = config("more", "model", folder.resolve("ensemble"), "max_steps", 1);
        RewardRecipe.run(more, Runs.listener());
        assertThat(JsonFiles.readObject(folder.resolve("more/config.json"))
                        .get("id2label")
                        .size())
                .isEqualTo(4);
        assertThatThrownBy(() -> RewardRecipe.run(
                        config("less", "model", folder.resolve("ensemble"), "ensemble", 2), Runs.listener()))
                .hasMessageContaining("ensemble is 2, but that of the reward model to start from is 4");
    }

    /** An ensemble of models that share nothing, one of them with two heads: three heads in all. */
    @Test
    void modelsTrainedApartScoreTogether() throws IOException {
        Path one = RewardRecipe.run(config("one", "seed", 1, "shuffle", true, "learning_rate", 1e-2), Runs.listener())
                .output();
        Path two = RewardRecipe.run(
                        config("two", "model", GOLDENS.resolve("model"), "ensemble", 2, "learning_rate", 1e-2),
                        Runs.listener())
                .output();
        Path data = folder.resolve("rows.jsonl");
        Files.writeString(
                data,
                Files.readString(GOLDENS.resolve("train.jsonl"))
                        + "{\"prompt\": \"The sky\", \"completion\": \" is blue.\"}\n");
        List<JsonNode> ofOne = score("reward_model", one, "data", data);
        List<JsonNode> ofTwo = score("reward_model", two, "data", data);
        List<JsonNode> together = score("reward_model", one + "," + two, "data", data, "tokens_per_microbatch", 64);
        assertThat(together).hasSize(13);
        for (int row = 0; row < 13; row++) {
            JsonNode completions = together.get(row).get("completions");
            assertThat(completions.size()).isEqualTo(row < 12 ? 2 : 1);
            for (int k = 0; k < completions.size(); k++) {
                double a = reward(ofOne.get(row), k);
                double mean = reward(ofTwo.get(row), k); // of b and c, of which the deviation tells the difference
                double half = ofTwo.get(row)
                                .get("completions")
                                .get(k)
                                .get("reward_std")
                                .doubleValue()
                        / Math.sqrt(2);
                double[] heads = {a, mean - half, mean + half};
                double wanted = Arrays.stream(heads).average().orElseThrow();
                double squares = Arrays.stream(heads)
                        .map(x -> (x - wanted) * (x - wanted))
                        .sum();
                assertThat(reward(together.get(row), k)).isCloseTo(wanted, within(1e-5));
                assertThat(completions.get(k).get("reward_std").doubleValue())
                        .isCloseTo(Math.sqrt(squares / 2), within(1e-5))
                        .isGreaterThan(1e-3);
            }
        }
        assertThat(together.get(0).get("completions").get(0).get("rank").intValue()
                        + together.get(0).get("completions").get(1).get("rank").intValue())
                .isEqualTo(3);
    }

    /** Each reads with its own tokenizer; what is too long for one of them is left out, and the rest stays together. */
    @Test
    void modelsThatReadOtherwiseScoreTheSameRows() throws IOException {
        Path plain = GOLDENS.resolve("reward_model");
        Path words = Files.createDirectory(folder.resolve("words"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(plain.resolve(file), words.resolve(file));
        }
        Files.writeString(words.resolve("tokenizer.json"), LargeDataTest.TOKENIZER);
        Files.writeString(words.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
        Path data = folder.resolve("rows.jsonl");
        Files.writeString(data, """
                {"prompt": "a", "completions": [" b", " better worse"]}
                {"prompt": "better than a long prompt of many letters", "completions": [" b", " c"]}
                {"prompt": "than", "completions": [" worse", " c"]}
                """);
        Object[] limits = {"data", data, "max_length", 24};
        List<JsonNode> ofWords = score(with(limits, "reward_model", words));
        List<JsonNode> ofPlain = score(with(limits, "reward_model", plain));
        assertThat(ofWords).hasSize(3);
        assertThat(ofPlain).extracting(row -> row.get("row").intValue()).containsExactly(1, 3);
        List<JsonNode> together = score(with(limits, "reward_model", words + "," + plain));
        assertThat(together).extracting(row -> row.get("row").intValue()).containsExactly(1, 3);
        for (int row = 0; row < 2; row++) {
            for (int k = 0; k < 2; k++) {
                double wanted = (reward(ofWords.get(2 * row), k) + reward(ofPlain.get(row), k)) / 2;
                assertThat(reward(together.get(row), k)).isCloseTo(wanted, within(1e-5));
            }
        }
    }

    private static Object[] with(Object[] settings, Object... more) {
        return Stream.concat(Arrays.stream(settings), Arrays.stream(more)).toArray();
    }

    @Test
    void theMeanOverTokensIsSavedAsATokenClassifierWhoseOutputsAverageToTheReward() {
        RewardConfig config = config("mean", "model", GOLDENS.resolve("model"), "pooling", "mean");
        RewardRecipe.run(config, Runs.listener());
        JsonNode written = JsonFiles.readObject(folder.resolve("mean/config.json"));
        assertThat(written.get("architectures").get(0).stringValue()).isEqualTo("LlamaForTokenClassification");
        assertThat(written.get("align4j_pooling").stringValue()).isEqualTo("mean");

        JsonNode row = score("reward_model", folder.resolve("mean"), "data", GOLDENS.resolve("train.jsonl"))
                .get(0);
        try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("mean"));
                ModelFolder source = ModelFolder.open(folder.resolve("mean"));
                CausalLm model = ModelLoader.loadScoring(
                        source, Dtype.F32, false, new ModelLoader.FreshHead(ScoreHead.Shape.REWARD, 0, 0))) {
            TokenTree tree = new TreeBuilder(tokenizer, 1024)
                    .build(RankingReader.readAll(GOLDENS.resolve("train.jsonl"), OnBadRow.FAIL)
                            .rows())
                    .trees()
                    .get(0);
            // As a user of transformers would: each text by itself, the outputs of its last tokens.
            for (int side = 0; side < 2; side++) {
                int[] completion = tree.branches().get(side).tokens();
                int[] whole = Arrays.copyOf(tree.trunk(), tree.trunk().length + completion.length);
                System.arraycopy(completion, 0, whole, tree.trunk().length, completion.length);
                int[] last = IntStream.range(tree.trunk().length, whole.length).toArray();
                PackedBatch batch =
                        PackedBatch.of(List.of(new TokenTree(new int[0], List.of(new TokenTree.Branch(whole, 0)), 0)));
                double mean = Arrays.stream(HeadOutputs.score(model, batch, last))
                        .average()
                        .orElseThrow();
                assertThat(reward(row, side)).isCloseTo(mean, within(1e-5));
            }
        }
    }

    @Test
    void regressionLearnsTheScoresOfTheData() throws IOException {
        Path data = folder.resolve("scored.jsonl");
        Files.writeString(data, """
                {"prompt": "The sky", "completion": " is blue.", "score": 2}
                {"prompt": "The sea", "completions": [" is deep.", " is a cat.", " is wide."], "scores": [1.5, -1, 1.5]}
                {"prompt": "A cat", "chosen": " is an animal.", "rejected": " is a stone.", "margin": 9, "score_chosen": 1, "score_rejected": -2}
                """);
        RewardConfig config = config(
                "mse",
                "model",
                GOLDENS.resolve("model"),
                "data",
                data,
                "loss_type",
                "mse",
                "learning_rate",
                3e-3,
                "max_steps",
                150);
        RewardRecipe.run(config, Runs.listener());
        List<JsonNode> steps = Runs.metrics(config.training().output());
        assertThat(steps.get(0).get("loss").doubleValue()).isGreaterThan(1);
        assertThat(steps.get(149).get("loss").doubleValue()).isLessThan(0.02);
        Files.writeString(data, "{\"prompt\": \"a\", \"completions\": [\"b\", \"b\"], \"scores\": [1, 2]}\n");
        Runs.Listener heard = Runs.listener();
        RewardRecipe.run(config("same", "data", data, "loss_type", "mse", "max_steps", 1), heard);
        assertThat(heard.messages)
                .contains("scored.jsonl (training): 1 of 1 row kept")
                .noneMatch(line -> line.contains("teaches nothing"));
        assertThat(Runs.metrics(folder.resolve("same")).get(0).get("grad_norm").doubleValue())
                .isPositive();
        Files.writeString(data, "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\", \"margin\": 1}\n");
        assertThatThrownBy(() -> RewardRecipe.run(config("b", "data", data, "loss_type", "mse"), Runs.listener()))
                .hasMessageContaining("there is no score for every completion");
    }

    @Test
    void anEvaluationDrawsAReliabilityDiagramWithTheErrorOfTheMetrics() throws IOException {
        RewardConfig config = config("drawn", "eval_data", GOLDENS.resolve("train.jsonl"), "learning_rate", 5e-4);
        RewardRecipe.run(config, Runs.listener());
        double error = Runs.metrics(config.training().output())
                .get(6)
                .get("eval_calibration_error")
                .doubleValue();
        // By hand from the rewards: how sure, and how often right, in twentieths from 0.5 on.
        double[] sure = new double[10];
        double[] right = new double[10];
        for (JsonNode row : score("reward_model", folder.resolve("drawn"), "data", GOLDENS.resolve("train.jsonl"))) {
            double difference = reward(row, 0) - reward(row, 1);
            double confidence = 1 / (1 + Math.exp(-Math.abs(difference)));
            int bin = (int) Math.floor((confidence - 0.5) * 20);
            sure[bin] += confidence;
            right[bin] += difference > 0 ? 1 : 0;
        }
        double wanted = 0;
        for (int bin = 0; bin < 10; bin++) {
            wanted += Math.abs(right[bin] - sure[bin]) / 12;
        }
        assertThat(error).isCloseTo(wanted, within(1e-6));
        assertThat(Files.readString(folder.resolve("drawn/calibration.svg")))
                .contains(String.format(java.util.Locale.ROOT, "12 pairs, expected calibration error %.3f", error));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> RewardRecipe.run(config("a", "head_init", "zero"), Runs.listener()))
                .hasMessageContaining("head_init is zero, but ");
        assertThatThrownBy(() -> RewardRecipe.run(config("m", "margin_coef", 0.5), Runs.listener()))
                .hasMessageContaining("has no scores, which margin_coef 0.5 needs");
        assertThatThrownBy(() -> config("b", "loss_type", "best_of_n", "margin_coef", 1))
                .hasMessageContaining("belong to loss_type bradley_terry");
        assertThatThrownBy(() -> config("c", "ensemble", 3, "pooling", "mean"))
                .hasMessageContaining("ensemble and pooling mean are both given");
        assertThatThrownBy(() -> config("d", "loss_type", "mse", "center_rewards_coefficient", 0.1))
                .hasMessageContaining("mse itself says where rewards lie");
        assertThatThrownBy(() -> RewardRecipe.run(config("e", "model", GOLDENS.resolve("prm_model")), Runs.listener()))
                .hasMessageContaining("is a classifier with 2 labels, expected a reward model, which has one");
        assertThatThrownBy(() -> RewardRecipe.run(
                        config(
                                "f",
                                "model",
                                GOLDENS.resolve("model"),
                                "use_peft",
                                true,
                                "adapter",
                                GOLDENS.resolveSibling("lora/start_fresh")),
                        Runs.listener()))
                .hasMessageContaining("has no head that gives rewards, and");
        Path data = GOLDENS.resolve("train.jsonl");
        assertThatThrownBy(() -> score("reward_model", GOLDENS.resolve("model"), "data", data))
                .hasMessageContaining("has no head that gives rewards");
        assertThatThrownBy(() -> score("data", data)).hasMessageContaining("missing --model or --reward-model");
        assertThatThrownBy(() -> score("reward_model", "a", "model", "b", "data", data))
                .hasMessageContaining("model and reward_model are both given");
        assertThatThrownBy(() -> score("reward_model", "a", "reference", "b", "data", data))
                .hasMessageContaining("a reward model needs none");
    }
}
