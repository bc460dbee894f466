package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertBad;
import static org.align4j.checkpoint.Fixtures.counting;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightCheckTest {
    private final Map<String, long[]> expected = new LinkedHashMap<>();

    @TempDir
    Path folder;

    @BeforeEach
    void expectTwo() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        expected.put("model.embed.weight", new long[] {3, 2});
        expected.put("model.norm.weight", new long[] {2});
    }

    private void check(List<TensorSource> tensors, String... ignored) {
        SafetensorsWriter.writeModel(folder, tensors, SafetensorsWriter.DEFAULT_MAX_SHARD_SIZE);
        try (ModelFolder model = ModelFolder.open(folder)) {
            model.checkAgainst(expected, Set.of(ignored));
        }
    }

    private static List<TensorSource> good(TensorSource... more) {
        List<TensorSource> tensors = new ArrayList<>();
        tensors.add(counting("model.embed.weight", 0, 3, 2));
        tensors.add(counting("model.norm.weight", 0, 2));
        tensors.addAll(List.of(more));
        return tensors;
    }

    @Test
    void aMatchingModelPassesAndSoDoKnownBuffers() {
        assertThatCode(() -> check(good())).doesNotThrowAnyException();
        assertThatCode(() -> check(good(
                        counting("model.layers.0.self_attn.rotary_emb.inv_freq", 0, 1),
                        counting("h.0.attn.bias", 0, 1),
                        counting("h.0.attn.masked_bias", 0, 1),
                        counting("layers.0.attention.bias", 0, 1),
                        counting("layers.0.attention.masked_bias", 0, 1))))
                .doesNotThrowAnyException();
    }

    @Test
    void missingTensorsAreNamedTogether() {
        expected.put("model.extra.weight", new long[] {1});
        expected.put("model.other.weight", new long[] {1});
        assertBad(
                () -> check(good()),
                "lack 2 of 4 tensors",
                "model.extra.weight, model.other.weight",
                "found model.embed.weight, model.norm.weight",
                "check that config.json belongs to these weights");
    }

    @Test
    void aPrefixIsExplained() {
        assertBad(
                () -> check(List.of(counting("embed.weight", 0, 3, 2), counting("norm.weight", 0, 2))),
                "lack 2 of 2",
                "found \"embed.weight\"",
                "differ by a prefix");
    }

    @Test
    void shapesAreComparedWithTheConfig() {
        assertBad(
                () -> check(List.of(counting("model.embed.weight", 0, 4, 2), counting("model.norm.weight", 0, 2))),
                "model.safetensors: tensor \"model.embed.weight\" has shape [4, 2], config.json asks for [3, 2]",
                "set vocab_size in config.json to 4");
        assertBad(
                () -> check(List.of(counting("model.embed.weight", 0, 2, 3), counting("model.norm.weight", 0, 2))),
                "has shape [2, 3], config.json asks for [3, 2]",
                "transposed");
        assertBad(
                () -> check(List.of(counting("model.embed.weight", 0, 3, 2), counting("model.norm.weight", 0, 5))),
                "\"model.norm.weight\" has shape [5], config.json asks for [2]",
                "belongs to another model");
    }

    @Test
    void quantisedWeightsCannotBeTrained() {
        TensorSource norm = TensorSource.of(
                "model.norm.weight", SafetensorsDtype.I8, new long[] {2}, List.of(ByteBuffer.allocate(2)));
        assertBad(
                () -> check(List.of(counting("model.embed.weight", 0, 3, 2), norm)),
                "tensor \"model.norm.weight\" has dtype I8, expected F32, BF16, F16 or F64",
                "take the original model");
    }

    @Test
    void unexpectedTensorsAreReportedTogetherUnlessIgnored() {
        List<TensorSource> tensors = good(
                counting("model.q_proj.bias", 0, 1), counting("lm_head.weight", 0, 3, 2), counting("v_head.w", 0, 1));
        assertBad(
                () -> check(tensors),
                "hold 3 tensors that the model of config.json has no place for",
                "model.q_proj.bias, lm_head.weight, v_head.w");
        assertBad(() -> check(tensors, "lm_head.weight", "*_head.w"), "hold 1 tensors", "model.q_proj.bias;");
        assertThatCode(() -> check(tensors, "lm_head.weight", "*_head.w", "*.bias"))
                .doesNotThrowAnyException();
        assertBad(() -> check(tensors, "head.weight"), "lm_head.weight");
    }

    @Test
    void aLongListIsCut() {
        TensorSource[] many = new TensorSource[11];
        for (int i = 0; i < many.length; i++) {
            many[i] = counting("extra." + i, 0, 1);
        }
        assertBad(() -> check(good(many)), "hold 11 tensors", "extra.0, extra.1", "extra.7 and 3 more;");
    }
}
