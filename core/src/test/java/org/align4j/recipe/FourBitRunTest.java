package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.align4j.checkpoint.JsonFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** DPO runs that train an adapter over weights of four bits: QLoRA. */
class FourBitRunTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden");

    @TempDir
    private Path folder;

    private DpoConfig config(String name, Object... more) {
        List<Object> keys = new ArrayList<>(List.of("model", GOLDENS.resolve("trl/model")));
        keys.addAll(List.of("data", GOLDENS.resolve("trl/train.jsonl"), "use_peft", true, "load_in_4bit", true));
        keys.addAll(List.of("learning_rate", 5e-3, "train_batch_size", 8, "max_steps", 6, "save_steps", 2));
        keys.addAll(List.of("cache_dir", folder.resolve("cache"))); // one for all runs
        keys.addAll(List.of(more));
        return Runs.config(folder.resolve(name), keys.toArray());
    }

    private static List<JsonNode> run(DpoConfig config) {
        DpoRecipe.run(config, Runs.listener());
        return comparable(config);
    }

    private static List<JsonNode> comparable(DpoConfig config) {
        List<JsonNode> rows = Runs.metrics(config);
        rows.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return rows;
    }

    static Stream<JsonNode> trlRuns() {
        return JsonFiles.readObject(GOLDENS.resolve("four_bits/trajectories.json"))
                .get("runs")
                .valueStream();
    }

    @ParameterizedTest
    @MethodSource("trlRuns")
    void everyMetricOfEveryStepFollowsTrlOverBitsandbytes(JsonNode run) {
        String name = run.get("name").stringValue();
        List<JsonNode> ours = run(config(
                name,
                "adapter",
                GOLDENS.resolve("four_bits/start_" + name),
                "bnb_4bit_quant_type",
                name.substring(0, 3),
                "use_bnb_nested_quant",
                name.endsWith("nested"),
                "shuffle",
                false,
                "learning_rate",
                run.get("config").get("learning_rate"),
                "lr_scheduler_type",
                "constant",
                "max_grad_norm",
                0,
                "tokens_per_microbatch",
                300));
        assertThat(ours).hasSize(6);
        for (int i = 0; i < 6; i++) {
            TrlTrajectoriesTest.assertFollows(ours.get(i), run.get("steps").get(i), "");
        }
    }

    @Test
    void theReferenceIsTheBaseInFourBitsLiveOrCached() {
        List<JsonNode> plain = run(config("plain", "load_in_4bit", false, "max_steps", 2));
        List<JsonNode> cached = run(config("cached", "max_steps", 2));
        assertThat(cached).isEqualTo(run(config("live", "max_steps", 2, "reference_logps", "live")));
        assertThat(cached.get(0).get("loss").doubleValue()).isEqualTo(Math.log(2));
        assertThat(cached.get(0).get("logps/chosen")).isNotEqualTo(plain.get(0).get("logps/chosen"));
    }

    @Test
    void aStoppedRunResumesAsIfUndisturbedInBf16Too() throws IOException {
        for (String dtype : List.of("float32", "bf16")) {
            List<JsonNode> whole = run(config("whole" + dtype, "dtype", dtype));
            String name = "stopped" + dtype;
            DpoRecipe.run(config(name, "dtype", dtype), new Runs.Listener(step -> step == 3));
            assertThat(run(config(name, "dtype", dtype, "resume", true))).isEqualTo(whole);
            assertThat(file(name, "adapter_model.safetensors"))
                    .isEqualTo(file("whole" + dtype, "adapter_model.safetensors"));
        }
        assertThatThrownBy(
                        () -> run(config("stoppedbf16", "resume", true, "dtype", "bf16", "bnb_4bit_quant_type", "fp4")))
                .hasMessageContaining("bnb_4bit_quant_type was nf4, now it is fp4");
    }

    private byte[] file(String run, String name) throws IOException {
        return Files.readAllBytes(folder.resolve(run).resolve("out").resolve(name));
    }

    @Test
    void whatIsWrittenIsAnAdapterLikeAnyOther() throws IOException {
        run(config("plain", "load_in_4bit", false, "max_steps", 1));
        run(config("rounded", "max_steps", 1));
        assertThat(file("rounded", "adapter_config.json")).isEqualTo(file("plain", "adapter_config.json"));
        assertThat(folder.resolve("rounded/out/config.json")).doesNotExist();
        assertThat(folder.resolve("rounded/out/model.safetensors")).doesNotExist();
    }

    @Test
    void weightsOfFourBitsAreNotTrained() {
        assertThatThrownBy(() -> config("all", "use_peft", false))
                .hasMessage("load_in_4bit is given without use_peft, but weights of 4 bits cannot be trained; add"
                        + " --use-peft to train an adapter over them");
        assertThatThrownBy(() -> config("five", "bnb_4bit_quant_type", "nf5"))
                .hasMessage("test: bnb_4bit_quant_type is \"nf5\", expected nf4, fp4");
    }
}
