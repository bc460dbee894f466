package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is written has the names, shapes and values that transformers writes. The folders stay in {@code
 * target/round-trip}, for {@code bench/loads_in_transformers.py --golden}.
 */
class ModelWriterTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/families");

    /** Folders whose files look other than what is written, and folders of the same weights that do not. */
    private static final Map<String, String> WRITTEN_AS = Map.of(
            "gpt2_old_names", "gpt2",
            "gpt_neox_old_style", "gpt_neox",
            "mixtral_joined", "mixtral");

    static Stream<String> families() throws IOException {
        return FamilyGoldensTest.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void writesWhatTransformersWrites(String family) {
        Path folder = Path.of("target/round-trip").resolve(family);
        try (ModelFolder source = ModelFolder.open(GOLDENS.resolve(family));
                CausalLm model = ModelLoader.load(source, Dtype.F32, false)) {
            new ModelWriter(source).write(folder, model, Dtype.F32);
        }
        try (ModelFolder written = ModelFolder.open(folder);
                ModelFolder expected = ModelFolder.open(GOLDENS.resolve(WRITTEN_AS.getOrDefault(family, family)))) {
            assertThat(written.tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(expected.tensors().keySet());
            for (String name : expected.tensors().keySet()) {
                assertThat(written.tensors().get(name).shape())
                        .isEqualTo(expected.tensors().get(name).shape());
                assertThat(floats(written, name)).isEqualTo(floats(expected, name));
            }
        }
    }

    private static float[] floats(ModelFolder folder, String name) {
        return FloatBytes.decode(folder.bytes(name), folder.tensors().get(name).dtype());
    }
}
