package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.generate.Completion;
import org.align4j.generate.Generator;
import org.align4j.generate.Sampling;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every family against transformers, on random models whose logits were computed in float64 (see the folder's README). */
class FamilyGoldensTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/families");

    static Stream<String> families() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDENS)) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void logitsAndGreedyTextEqual(String family) {
        Path folder = GOLDENS.resolve(family);
        ObjectNode golden = JsonFiles.readObject(folder.resolve("golden.json"));
        try (ModelFolder files = ModelFolder.open(folder);
                SafetensorsFile expected = SafetensorsFile.open(
                        folder.resolve(golden.get("logits_file").stringValue()));
                CausalLm model = ModelLoader.load(files, Dtype.F32, false);
                Generator generator = new Generator(model, Set.of())) {
            for (int i = 0; i < golden.get("input_ids").size(); i++) {
                String name = "logits." + i;
                float[] wanted = FloatBytes.decode(
                        expected.bytes(name), expected.tensor(name).dtype());
                assertClose(logits(model, ints(golden.get("input_ids").get(i))), wanted);
            }
            JsonNode greedy = golden.get("greedy");
            Completion completion = generator
                    .generate(
                            List.of(ints(greedy.get("prompt"))),
                            Sampling.greedy(greedy.get("max_new_tokens").intValue()))
                    .get(0)
                    .get(0);
            assertThat(completion.tokens()).isEqualTo(ints(greedy.get("tokens")));
        }
    }

    static float[] logits(CausalLm model, int[] ids) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            TokenTree text = new TokenTree(new int[0], List.of(new TokenTree.Branch(ids, 0)), 0);
            return model.logits(model.hidden(PackedBatch.of(List.of(text)))).toFloats();
        }
    }

    /** Within 1e-5 of the largest logit. */
    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
        }
        assertThat(largest).isGreaterThan(1);
        assertThat(worst / largest).isLessThan(1e-5);
    }

    private static int[] ints(JsonNode list) {
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).intValue();
        }
        return values;
    }
}
