package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A stopped run that goes on equals one that was never stopped, bit for bit. */
class ResumeTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    private DpoConfig config(String name, Object... more) {
        List<Object> keys = new ArrayList<>(List.of(
                "model", GOLDENS.resolve("model"),
                "data", GOLDENS.resolve("train.jsonl"),
                "train_batch_size", 5,
                "max_steps", 8,
                "learning_rate", 1e-3,
                "lr_scheduler_type", "cosine",
                "warmup_steps", 2,
                "eval_split", 3,
                "eval_steps", 2,
                "save_steps", 3));
        keys.addAll(List.of(more));
        return Runs.config(folder.resolve(name), keys.toArray());
    }

    private static List<JsonNode> comparable(DpoConfig config) {
        List<JsonNode> rows = Runs.metrics(config);
        rows.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return rows;
    }

    private static byte[] weights(DpoConfig config) throws IOException {
        return Files.readAllBytes(config.training().output().resolve("model.safetensors"));
    }

    @Test
    void stoppingAfterAnyStepChangesNothing() throws IOException {
        DpoConfig whole = config("whole");
        DpoRecipe.run(whole, Runs.listener());
        for (int stop : new int[] {1, 3, 7}) {
            String name = "stopped" + stop;
            RunResult first = DpoRecipe.run(config(name), new Runs.Listener(step -> step == stop));
            assertThat(first.finished()).isFalse();
            assertThat(first.steps()).isEqualTo(stop);
            RunResult second = DpoRecipe.run(config(name, "resume", true), Runs.listener());
            assertThat(second.finished()).isTrue();
            assertThat(comparable(config(name))).isEqualTo(comparable(whole));
            assertThat(weights(config(name))).isEqualTo(weights(whole));
        }
    }

    @Test
    void whatAKillLeavesBehindIsCutOffAndRepeated() throws IOException {
        DpoConfig whole = config("whole");
        DpoRecipe.run(whole, Runs.listener());
        DpoConfig killed = config("killed");
        DpoRecipe.run(killed, new Runs.Listener(step -> step == 5));
        // As if the process had died after step 5: its last checkpoint is that of step 3, its metrics go on to step 5,
        // half a line was being written, and a checkpoint was under way.
        deleteTree(killed.training().output().resolve("checkpoint-5"));
        Files.writeString(
                killed.training().output().resolve("metrics.jsonl"),
                "{\"step\":6,\"lo",
                java.nio.file.StandardOpenOption.APPEND);
        Files.createDirectories(killed.training().output().resolve(".tmp-align4j-0123456789ab-checkpoint-6"));

        RunResult result = DpoRecipe.run(config("killed", "resume", true), Runs.listener());

        assertThat(result.finished()).isTrue();
        assertThat(comparable(killed)).isEqualTo(comparable(whole));
        assertThat(weights(killed)).isEqualTo(weights(whole));
        try (Stream<Path> children = Files.list(killed.training().output())) {
            assertThat(children.map(child -> child.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(".tmp"));
        }
    }

    @Test
    void resumingWithNothingToResumeStartsAndResumingAFinishedRunDoesNothing() throws IOException {
        DpoConfig config = config("fresh", "resume", true);
        assertThat(DpoRecipe.run(config, Runs.listener()).finished()).isTrue();
        byte[] weights = weights(config);
        RunResult again = DpoRecipe.run(config, Runs.listener());
        assertThat(again.finished()).isTrue();
        assertThat(again.last()).isEmpty();
        assertThat(weights(config)).isEqualTo(weights);
    }

    @Test
    void resumingWithOtherSettingsIsRefusedByName() {
        DpoRecipe.run(config("other"), new Runs.Listener(step -> step == 2));
        assertThatThrownBy(() -> DpoRecipe.run(config("other", "resume", true, "beta", 0.2), Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("beta was 0.1, now it is 0.2")
                .hasMessageContaining("--overwrite");
    }

    @Test
    void anOlderRunIsNotTouchedUnlessToldTo() throws IOException {
        DpoConfig config = config("older");
        DpoRecipe.run(config, Runs.listener());
        byte[] weights = weights(config);
        assertThatThrownBy(() -> DpoRecipe.run(config, Runs.listener()))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("--resume");
        assertThat(weights(config)).isEqualTo(weights);
        DpoConfig replaced = config("older", "overwrite", true, "max_steps", 2);
        assertThat(DpoRecipe.run(replaced, Runs.listener()).steps()).isEqualTo(2);
        assertThat(Runs.metrics(replaced)).hasSize(3); // the evaluation before, two steps
    }

    @Test
    void whatCannotBeReplacedIsNotDestroyed() throws IOException {
        DpoConfig config = config("kept");
        DpoRecipe.run(config, Runs.listener());
        Map<String, String> before = files(config.training().output());
        Path broken = Files.writeString(folder.resolve("broken.jsonl"), "{\"prompt\": 1}\n");
        for (DpoConfig replacing : List.of(
                config("kept", "overwrite", true, "data", broken.toString()),
                config("kept", "overwrite", true, "eval_split", 5000),
                config("kept", "overwrite", true, "loss_type", "infonca"),
                config(
                        "kept",
                        "overwrite",
                        true,
                        "reference",
                        folder.resolve("nowhere").toString()))) {
            assertThatThrownBy(() -> DpoRecipe.run(replacing, Runs.listener())).isInstanceOf(AlignException.class);
            assertThat(files(config.training().output())).isEqualTo(before);
        }
    }

    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                files.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    @Test
    void onlyTheNewestCheckpointsAreKept() throws IOException {
        DpoConfig config = config("limit", "save_steps", 1, "save_total_limit", 2);
        DpoRecipe.run(config, Runs.listener());
        try (Stream<Path> children = Files.list(config.training().output())) {
            assertThat(children.map(child -> child.getFileName().toString())
                            .filter(name -> name.startsWith("checkpoint-")))
                    .containsExactlyInAnyOrder("checkpoint-7", "checkpoint-8");
        }
    }

    @Test
    void theCachedReferenceEqualsTheLiveOneBitForBit() {
        DpoConfig cached = config("cached", "max_steps", 2, "eval_steps", 0);
        DpoConfig live = config("live", "max_steps", 2, "eval_steps", 0, "reference_logps", "live");
        DpoRecipe.run(cached, Runs.listener());
        DpoRecipe.run(live, Runs.listener());
        assertThat(comparable(cached)).isEqualTo(comparable(live));
    }

    @Test
    void theMicrobatchDoesNotChangeTheStep() {
        DpoConfig small = config("small", "tokens_per_microbatch", 1);
        DpoConfig large = config("large", "tokens_per_microbatch", 100_000);
        DpoRecipe.run(small, Runs.listener());
        DpoRecipe.run(large, Runs.listener());
        List<JsonNode> a = comparable(small);
        List<JsonNode> b = comparable(large);
        for (int i = 0; i < a.size(); i++) {
            for (String key : List.of("loss", "grad_norm", "logps/chosen", "logps/rejected", "entropy", "eval_loss")) {
                if (a.get(i).has(key)) {
                    double expected = b.get(i).get(key).doubleValue();
                    assertThat(a.get(i).get(key).doubleValue() / expected)
                            .as(key)
                            .isBetween(1 - 1e-5, 1 + 1e-5);
                }
            }
        }
    }

    @Test
    void bf16FollowsFloat32() {
        DpoConfig wide = config("wide", "learning_rate", 2e-4);
        DpoConfig narrow = config("narrow", "learning_rate", 2e-4, "dtype", "bf16");
        DpoRecipe.run(wide, Runs.listener());
        DpoRecipe.run(narrow, Runs.listener());
        List<JsonNode> a = comparable(wide);
        List<JsonNode> b = comparable(narrow);
        assertThat(b.get(1).get("loss").doubleValue()).isEqualTo(Math.log(2));
        for (int i = 1; i < a.size(); i++) {
            double expected = a.get(i).get("loss").doubleValue();
            assertThat(b.get(i).get("loss").doubleValue() / expected).isBetween(0.97, 1.03);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
