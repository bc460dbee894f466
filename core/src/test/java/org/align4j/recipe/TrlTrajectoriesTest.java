package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.text.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every metric of every step against TRL's own. */
class TrlTrajectoriesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    /** Asked for is 1e-3; what is left is the rounding of float32. */
    private static final double TOLERANCE = 1e-4;

    /** Losses that grow exponentially or run away multiply that rounding. */
    private static final double SHARED_TOLERANCE = 1e-3;

    @TempDir
    private Path folder;

    static Stream<JsonNode> runs() {
        List<JsonNode> runs = new ArrayList<>();
        for (JsonNode run :
                JsonFiles.readObject(GOLDENS.resolve("trajectories.json")).get("runs")) {
            // With accumulation TRL averages metrics over unequal micro-batches; ours are over the examples of the
            // step.
            if (run.get("config").get("gradient_accumulation_steps").intValue() == 1) {
                runs.add(run);
            }
        }
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void everyMetricOfEveryStepFollows(JsonNode run) {
        JsonNode settings = run.get("config");
        boolean warmupIsShare = !settings.get("warmup_steps").isIntegralNumber();
        List<Object> keys = new ArrayList<>(List.of(
                "model",
                GOLDENS.resolve("model"),
                "data",
                GOLDENS.resolve(run.get("data").stringValue()),
                "shuffle",
                false,
                "beta",
                settings.get("beta"),
                "learning_rate",
                settings.get("learning_rate"),
                "lr_scheduler_type",
                settings.get("lr_scheduler_type").stringValue(),
                warmupIsShare ? "warmup_ratio" : "warmup_steps",
                settings.get("warmup_steps"),
                "train_batch_size",
                settings.get("per_device_train_batch_size"),
                "num_train_epochs",
                settings.get("num_train_epochs")));
        keys.addAll(List.of(
                "max_grad_norm", settings.get("max_grad_norm"),
                "weight_decay", settings.get("weight_decay"),
                "max_length", settings.get("max_length"),
                "tokens_per_microbatch", 300));
        if (run.has("eval_data")) {
            keys.addAll(List.of(
                    "eval_data",
                    GOLDENS.resolve(run.get("eval_data").stringValue()),
                    "eval_steps",
                    settings.get("eval_steps")));
        }
        DpoConfig config = Runs.config(folder, keys.toArray());

        RunResult result = DpoRecipe.run(config, Runs.listener());

        assertThat(result.finished()).isTrue();
        List<JsonNode> ours = new ArrayList<>(Runs.metrics(config));
        ours.removeIf(row -> row.get("step").intValue() == 0);
        JsonNode theirs = run.get("steps");
        assertThat(ours).hasSize(theirs.size());
        for (int i = 0; i < ours.size(); i++) {
            assertFollows(ours.get(i), theirs.get(i), "");
        }
        if (run.has("evals") && settings.get("per_device_eval_batch_size").intValue() == 4) {
            for (JsonNode eval : run.get("evals")) {
                assertFollows(ours.get(eval.get("step").intValue() - 1), eval, "eval_");
            }
        }
    }

    static void assertFollows(JsonNode ours, JsonNode theirs, String prefix) {
        assertFollows(ours, theirs, prefix, TOLERANCE, "");
    }

    private static void assertFollows(JsonNode ours, JsonNode theirs, String prefix, double tolerance, String what) {
        boolean untrained = theirs.path("rewards/margins").asDouble(1) == 0;
        for (Map.Entry<String, JsonNode> metric : theirs.properties()) {
            String name = metric.getKey();
            // Mean logits are not asked for; the evaluation's token count of TRL counts training tokens.
            if (!name.startsWith(prefix) || name.contains("logits/") || name.equals("eval_num_tokens")) {
                continue;
            }
            double wanted = metric.getValue().doubleValue();
            double got = ours.get(name).doubleValue();
            if (untrained && name.startsWith("rewards/")) {
                assertThat(got).as(name).isZero();
            }
            double scale = Math.max(Math.abs(wanted), scaleOf(name));
            assertThat(Math.abs(got - wanted) / scale)
                    .as("%s %s of step %s: TRL %s, here %s", what, name, ours.get("step"), wanted, got)
                    .isLessThan(tolerance);
        }
    }

    /**
     * A reward is β times a difference of log-probabilities near 100: their float32 rounding is what it can be held to.
     * Likewise a reward model's margin and mean are differences and sums of rewards near 1.
     */
    private static double scaleOf(String name) {
        boolean difference = name.equals("margin") || name.equals("mean_reward");
        return difference || name.toLowerCase(Locale.ROOT).contains("rewards/") ? 0.1 : 1e-12;
    }

    static Stream<JsonNode> objectives() {
        List<JsonNode> runs = new ArrayList<>();
        JsonFiles.readObject(GOLDENS.resolve("objectives.json")).get("runs").forEach(runs::add);
        return runs.stream();
    }

    /** Each objective of TRL, f-divergences, mixtures, WPO, LD-DPO and TR-DPO. */
    @ParameterizedTest
    @MethodSource("objectives")
    void everyObjectiveFollows(JsonNode run) {
        List<Object> keys = new ArrayList<>();
        run.get("config").properties().forEach(setting -> {
            JsonNode value = setting.getValue();
            keys.add(setting.getKey());
            keys.add(value.isArray() ? joined(value) : value.asString());
        });
        boolean moves = run.get("config").has("sync_ref_model");
        keys.addAll(List.of("model", GOLDENS.resolve("model"), "data", GOLDENS.resolve("train.jsonl")));
        keys.addAll(List.of("learning_rate", "2e-4", "lr_scheduler_type", "constant", "max_grad_norm", 0));
        keys.addAll(List.of("shuffle", false, "num_train_epochs", 3, "tokens_per_microbatch", 300));
        keys.addAll(List.of("reference_logps", moves ? "live" : "cached"));
        DpoConfig config = Runs.config(folder, keys.toArray());
        DpoRecipe.run(config, Runs.listener());
        List<JsonNode> ours = Runs.metrics(config);
        assertThat(ours).hasSize(run.get("steps").size());
        for (int i = 0; i < ours.size(); i++) {
            assertFollows(
                    ours.get(i),
                    run.get("steps").get(i),
                    "",
                    SHARED_TOLERANCE,
                    run.get("config").toString());
        }
    }

    /** 22 runs with every objective of TRL. */
    @Test
    void theSharedGoldenOfStories260k() throws IOException {
        ObjectNode golden = JsonFiles.readObject(SharedData.require("golden/trl_dpo_trajectories.json"));
        Path model = SharedData.require("models/stories260k");
        Path data = folder.resolve("rows.jsonl");
        StringBuilder lines = new StringBuilder();
        golden.get("rows").forEach(row -> lines.append(row).append('\n'));
        Files.writeString(data, lines);
        int compared = 0;
        for (JsonNode run : golden.get("runs")) {
            JsonNode settings = run.get("config");
            List<Object> keys = new ArrayList<>();
            settings.properties().forEach(setting -> {
                JsonNode value = setting.getValue();
                keys.add(setting.getKey());
                keys.add(value.isArray() ? joined(value) : value.asString());
            });
            keys.addAll(List.of(
                    "model",
                    model,
                    "data",
                    data,
                    "learning_rate",
                    "2e-4",
                    "lr_scheduler_type",
                    "constant",
                    "max_grad_norm",
                    0,
                    "train_batch_size",
                    8));
            keys.addAll(List.of("max_length", 256, "shuffle", false, "max_steps", 6, "tokens_per_microbatch", 700));
            DpoConfig config = Runs.config(folder.resolve("run" + compared), keys.toArray());
            DpoRecipe.run(config, Runs.listener());
            List<JsonNode> ours = Runs.metrics(config);
            for (int i = 0; i < 6; i++) {
                assertFollows(ours.get(i), run.get("steps").get(i), "", SHARED_TOLERANCE, settings.toString());
            }
            compared++;
        }
        assertThat(compared).isEqualTo(22);
    }

    private static String joined(JsonNode list) {
        List<String> parts = new ArrayList<>();
        list.forEach(part -> parts.add(part.asString()));
        return String.join(",", parts);
    }
}
