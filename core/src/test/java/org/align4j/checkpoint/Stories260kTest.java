package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A real model as transformers saved it, where the machine has it. */
class Stories260kTest {
    @Test
    void aModelSavedByTransformersIsReadWhole() {
        Path folder = find();
        assumeThat(folder)
                .as("needs shared/data/models/stories260k beside the project")
                .isNotNull();
        try (ModelFolder model = ModelFolder.open(folder)) {
            assertThat(model.config().get("vocab_size").intValue()).isEqualTo(512);
            Map<String, long[]> shapes = llamaShapes(512, 64, 172, 5, 8, 4, 8);
            model.checkAgainst(shapes, Set.of());
            // Tied embeddings: 512 * 64 and five layers with norms, four projections and three of the MLP.
            assertThat(model.tensors()).hasSize(2 + 5 * 9);
            assertThat(model.tensors().keySet()).first().isEqualTo("model.embed_tokens.weight");
            float[] norm = FloatBytes.decode(model.bytes("model.norm.weight"), SafetensorsDtype.F32);
            assertThat(norm).hasSize(64);
            assertThat(model.carriedFiles())
                    .extracting(path -> path.getFileName().toString())
                    .containsExactly("generation_config.json", "tokenizer.json", "tokenizer_config.json");
        }
    }

    private static Map<String, long[]> llamaShapes(
            long vocabulary, long hidden, long inner, int layers, long heads, long keyHeads, long headDim) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {vocabulary, hidden});
        shapes.put("model.norm.weight", new long[] {hidden});
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            shapes.put(layer + "input_layernorm.weight", new long[] {hidden});
            shapes.put(layer + "post_attention_layernorm.weight", new long[] {hidden});
            shapes.put(layer + "self_attn.q_proj.weight", new long[] {heads * headDim, hidden});
            shapes.put(layer + "self_attn.k_proj.weight", new long[] {keyHeads * headDim, hidden});
            shapes.put(layer + "self_attn.v_proj.weight", new long[] {keyHeads * headDim, hidden});
            shapes.put(layer + "self_attn.o_proj.weight", new long[] {hidden, heads * headDim});
            shapes.put(layer + "mlp.gate_proj.weight", new long[] {inner, hidden});
            shapes.put(layer + "mlp.up_proj.weight", new long[] {inner, hidden});
            shapes.put(layer + "mlp.down_proj.weight", new long[] {hidden, inner});
        }
        return shapes;
    }

    /** Walks up from where the tests run. */
    private static Path find() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path folder = at.resolve("shared/data/models/stories260k");
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        return null;
    }
}
