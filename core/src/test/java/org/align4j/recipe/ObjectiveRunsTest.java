package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.model.CausalLm;
import org.align4j.objective.Objectives;
import org.align4j.tensor.Dtype;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What objectives ask of a run: scores, ties, whole steps, memory, a moving reference, no reference. */
class ObjectiveRunsTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    private DpoConfig config(String name, Object... more) {
        List<Object> keys = new ArrayList<>(List.of(
                "model", GOLDENS.resolve("model"),
                "data", GOLDENS.resolve("train.jsonl"),
                "train_batch_size", 5,
                "tokens_per_microbatch", 100,
                "max_steps", 6,
                "learning_rate", 1e-3,
                "eval_split", 3,
                "save_steps", 3));
        keys.addAll(List.of(more));
        return Runs.config(folder.resolve(name), keys.toArray());
    }

    private static List<JsonNode> comparable(DpoConfig config) {
        List<JsonNode> rows = Runs.metrics(config);
        rows.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return rows;
    }

    private void repeatsAfterAStop(Object... more) {
        DpoConfig whole = config("whole", more);
        DpoRecipe.run(whole, Runs.listener());
        DpoRecipe.run(config("stopped", more), new Runs.Listener(step -> step == 4));
        List<Object> resumed = new ArrayList<>(List.of(more));
        resumed.addAll(List.of("resume", true));
        DpoConfig second = config("stopped", resumed.toArray());
        assertThat(DpoRecipe.run(second, Runs.listener()).finished()).isTrue();
        assertThat(comparable(second)).isEqualTo(comparable(whole));
    }

    @Test
    void theMemoryOfAnObjectiveSurvivesAStop() {
        repeatsAfterAStop("loss_type", "bco_pair", "bco_running_delta", true);
    }

    @Test
    void aMovedReferenceSurvivesAStop() {
        repeatsAfterAStop("sync_ref_model", true, "ref_model_sync_steps", 2);
    }

    @Test
    void aReferenceThatBecomesThePolicyMakesEveryLossLn2() {
        DpoConfig config = config(
                "sync",
                "sync_ref_model",
                true,
                "ref_model_sync_steps",
                1,
                "ref_model_mixup_alpha",
                1,
                "reference_logps",
                "live");
        DpoRecipe.run(config, Runs.listener());
        for (JsonNode row : Runs.metrics(config)) {
            if (row.has("loss")) {
                assertThat(row.get("loss").doubleValue()).isCloseTo(Math.log(2), within(1e-6));
            }
        }
    }

    @Test
    void theMixtureOfModelsIsTheWeightedMean() {
        try (ModelFolder source = ModelFolder.open(GOLDENS.resolve("model"));
                CausalLm a = ModelLoader.load(source, Dtype.F32, false);
                CausalLm b = ModelLoader.load(source, Dtype.F32, false)) {
            float[] before = a.parameters().flat().toFloats();
            b.parameters().flat().mulInPlace(3);
            a.parameters().moveTowards(b.parameters(), 0.25); // 0.75 x + 0.25 · 3 x = 1.5 x
            float[] after = a.parameters().flat().toFloats();
            for (int i = 0; i < after.length; i++) {
                assertThat((double) after[i]).isCloseTo(1.5 * before[i], within(1e-6));
            }
        }
    }

    @Test
    void tokensOfACachedReferenceEqualThoseOfALiveOne() {
        DpoConfig cached = config("cached", "ld_alpha", 0.5);
        DpoConfig live = config("live", "ld_alpha", 0.5, "reference_logps", "live");
        DpoConfig again = config("cached", "ld_alpha", 0.5, "overwrite", true);
        DpoRecipe.run(cached, Runs.listener());
        List<JsonNode> first = comparable(cached);
        DpoRecipe.run(live, Runs.listener());
        assertThat(first.get(1)).isEqualTo(comparable(live).get(1));
        DpoRecipe.run(again, Runs.listener()); // from the file
        assertThat(comparable(again)).isEqualTo(first);
    }

    @Test
    void withoutNeedOfAReferenceNoneIsComputed() throws IOException {
        DpoConfig config = config("simpo", "loss_type", "simpo", "beta", 2);
        DpoRecipe.run(config, Runs.listener());
        assertThat(Files.exists(folder.resolve("simpo/cache"))).isFalse();
        JsonNode last = Runs.metrics(config).get(6);
        assertThat(last.get("rewards/margins").doubleValue()).isPositive();
    }

    @Test
    void everyObjectiveTrainsOnRankingsWithScores() throws IOException {
        Path data = folder.resolve("ranked.jsonl");
        Files.writeString(data, """
                {"prompt": "The cat", "completions": [" sat.", " ran away", " jumped over it"], "scores": [0.5, 2, 0.5]}
                {"prompt": "A dog", "completions": [" barks", " is loud", " sleeps all day", " eats"], "scores": [3, 2, 1, 0]}
                {"prompt": "We", "chosen": " are here", "rejected": " were", "margin": 0.5}
                {"prompt": "You", "chosen": " see", "rejected": " saw that", "score_chosen": 7, "score_rejected": 6.5}
                """);
        for (String name : Objectives.names()) {
            List<Object> keys = new ArrayList<>(List.of(
                    "data",
                    data,
                    "loss_type",
                    name,
                    "eval_split",
                    0,
                    "train_batch_size",
                    4,
                    "tokens_per_microbatch",
                    25));
            if (name.equals("exo_pair")) {
                keys.addAll(List.of("label_smoothing", 1e-3));
            }
            DpoConfig config = config(name, keys.toArray());
            DpoRecipe.run(config, Runs.listener());
            List<JsonNode> rows = Runs.metrics(config);
            assertThat(rows.get(5).get("loss").doubleValue())
                    .as(name)
                    .isLessThan(rows.get(0).get("loss").doubleValue());
        }
    }

    @Test
    void rankingsOfTiesAloneTeachWhereTiesAreJudged() throws IOException {
        Path data = folder.resolve("tied.jsonl");
        Files.writeString(data, "{\"prompt\": \"A\", \"completions\": [\" b\", \" c d\"], \"ranks\": [1, 1]}\n");
        DpoConfig davidson = config("davidson", "data", data, "eval_split", 0, "loss_type", "davidson", "beta", 1);
        DpoRecipe.run(davidson, Runs.listener());
        JsonNode first = Runs.metrics(davidson).get(0);
        assertThat(first.get("loss").doubleValue())
                .isCloseTo(Math.log(2), within(1e-12)); // half of all equals are ties
        assertThat(first.has("rewards/accuracies")).isFalse(); // nothing is better than something else
        assertThatThrownBy(() -> DpoRecipe.run(config("plain", "data", data, "eval_split", 0), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("all completions are tied");
    }

    @Test
    void missingScoresAreNamed() {
        assertThatThrownBy(() -> DpoRecipe.run(config("scores", "loss_type", "infonca"), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("train.jsonl:1")
                .hasMessageContaining("has no scores, which loss_type infonca needs;");
        assertThatThrownBy(() -> DpoRecipe.run(config("margins", "margin_coef", 0.5), Runs.listener()))
                .hasMessageContaining("train.jsonl:1: has no scores, which margin_coef 0.5 needs;");
    }

    @Test
    void settingsThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> config("a", "loss_type", "sigmoyd")).hasMessageContaining("did you mean sigmoid?");
        assertThatThrownBy(() -> config("b", "sync_ref_model", true, "reference_logps", "cached"))
                .hasMessageContaining("which a moving reference cannot be");
        assertThatThrownBy(() -> config("c", "sync_ref_model", true, "loss_type", "simpo"))
                .hasMessageContaining("needs no reference");
        assertThatThrownBy(() -> config("d", "simpo_gamma", 1)).hasMessageContaining("simpo_gamma is given");
    }

    /** Keys that objectives read have the defaults that objectives have. */
    @Test
    void defaultsAgree() throws ReflectiveOperationException {
        DpoConfig config = config("defaults");
        org.align4j.objective.Hyperparameters defaults = new org.align4j.objective.Hyperparameters() {};
        for (java.lang.reflect.Method method : org.align4j.objective.Hyperparameters.class.getDeclaredMethods()) {
            assertThat(method.invoke(config)).as(method.getName()).isEqualTo(method.invoke(defaults));
        }
    }
}
