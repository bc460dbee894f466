package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Adapters that PEFT wrote, with what it computes from them (see the folder's README). */
class LoraGoldensTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden");

    @TempDir
    private Path folder;

    static Stream<String> adapters() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDENS.resolve("lora"))) {
            return folders
                    .filter(path -> Files.exists(path.resolve("logits.safetensors")))
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void logitsEqual(String name) {
        try (ModelFolder base = ModelFolder.open(GOLDENS.resolve("families").resolve(name));
                AdapterFolder adapter =
                        AdapterFolder.open(GOLDENS.resolve("lora").resolve(name));
                CausalLm weights = ModelLoader.load(base, Dtype.F32, false);
                CausalLm model = weights.adapted(adapter.load(weights.architecture(), Dtype.F32, false))) {
            assertLogits(model, name);
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void mergedWeightsAndTheirLogitsEqualAndUnmergingGivesTheBaseBack(String name) {
        try (ModelFolder base = ModelFolder.open(GOLDENS.resolve("families").resolve(name));
                AdapterFolder adapter =
                        AdapterFolder.open(GOLDENS.resolve("lora").resolve(name));
                SafetensorsFile expected = SafetensorsFile.open(
                        GOLDENS.resolve("lora").resolve(name).resolve("merged.safetensors"));
                CausalLm model = ModelLoader.load(base, Dtype.F32, false);
                Lora lora = adapter.load(model.architecture(), Dtype.F32, false)) {
            Map<String, float[]> before = weights(model);

            lora.mergeInto(model.parameters());

            Map<String, float[]> merged = weights(model);
            for (String tensor : merged.keySet()) {
                boolean adapted = expected.tensors().containsKey(tensor);
                assertClose(merged.get(tensor), adapted ? Fixtures.values(expected, tensor) : before.get(tensor), 1e-6);
                if (adapted) {
                    assertThat(merged.get(tensor)).isNotEqualTo(before.get(tensor));
                }
            }
            assertLogits(model, name);

            lora.unmergeFrom(model.parameters());

            Map<String, float[]> after = weights(model);
            before.forEach((tensor, values) -> assertClose(after.get(tensor), values, 1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void whatIsWrittenIsWhatPeftWrote(String name) {
        Path theirs = GOLDENS.resolve("lora").resolve(name);
        try (ModelFolder base = ModelFolder.open(GOLDENS.resolve("families").resolve(name));
                AdapterFolder adapter = AdapterFolder.open(theirs);
                CausalLm weights = ModelLoader.load(base, Dtype.F32, false);
                CausalLm model = weights.adapted(adapter.load(weights.architecture(), Dtype.F32, true))) {
            new ModelWriter(base).write(folder, model, Dtype.F32);
            assertThat(Files.exists(folder.resolve("config.json"))).isFalse();

            try (SafetensorsFile a = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
                    SafetensorsFile b = SafetensorsFile.open(theirs.resolve("adapter_model.safetensors"));
                    AdapterFolder again = AdapterFolder.open(folder)) {
                assertThat(a.tensors().keySet()).hasSameElementsAs(b.tensors().keySet());
                for (String tensor : b.tensors().keySet()) {
                    assertThat(a.tensor(tensor).shape())
                            .isEqualTo(b.tensor(tensor).shape());
                    assertThat(Fixtures.values(a, tensor)).isEqualTo(Fixtures.values(b, tensor));
                }
                assertThat(again.settings(model.architecture()))
                        .isEqualTo(model.lora().orElseThrow().settings());
                assertThat(again.baseFolder()).isEqualTo(base.path().toAbsolutePath());
            }
            JsonNode ours = JsonFiles.readObject(folder.resolve("adapter_config.json"));
            JsonNode peft = JsonFiles.readObject(theirs.resolve("adapter_config.json"));
            for (String key : List.of("peft_type", "task_type", "r", "lora_dropout", "use_rslora", "fan_in_fan_out")) {
                assertThat(ours.get(key)).as(key).isEqualTo(peft.get(key));
            }
            assertThat(ours.get("lora_alpha").longValue())
                    .isEqualTo(peft.get("lora_alpha").longValue());
        }
    }

    private static Map<String, float[]> weights(CausalLm model) {
        Map<String, float[]> weights = new TreeMap<>();
        for (String name : model.parameters().names()) {
            weights.put(name, model.parameters().stored(name).toFloats());
        }
        return weights;
    }

    private static void assertLogits(CausalLm model, String name) {
        Path path = GOLDENS.resolve("lora").resolve(name).resolve("logits.safetensors");
        JsonNode golden =
                JsonFiles.readObject(GOLDENS.resolve("families").resolve(name).resolve("golden.json"));
        try (SafetensorsFile expected = SafetensorsFile.open(path)) {
            JsonNode texts = golden.get("input_ids");
            for (int i = 0; i < texts.size(); i++) {
                int[] ids = new int[texts.get(i).size()];
                for (int t = 0; t < ids.length; t++) {
                    ids[t] = texts.get(i).get(t).intValue();
                }
                assertClose(logits(model, ids), Fixtures.values(expected, "logits." + i), 1e-5);
            }
        }
    }

    private static float[] logits(CausalLm model, int[] ids) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            TokenTree text = new TokenTree(new int[0], List.of(new TokenTree.Branch(ids, 0)), 0);
            return model.hidden(PackedBatch.of(List.of(text)))
                    .linear(model.head(), null)
                    .toFloats();
        }
    }

    /** Relative to the largest magnitude. */
    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
        }
        assertThat(worst).isLessThanOrEqualTo(tolerance * largest);
    }
}
