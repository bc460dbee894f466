package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.HeadOutputs;
import org.align4j.model.Pooling;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sequence and token classifiers of every family against transformers; see golden/families/README.md. */
class RewardHeadsTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/families");

    @TempDir
    private Path folder;

    static Stream<Arguments> heads() {
        List<Arguments> heads = new ArrayList<>();
        JsonFiles.readObject(GOLDENS.resolve("reward_heads.json"))
                .properties()
                .forEach(family -> family.getValue()
                        .properties()
                        .forEach(head -> heads.add(Arguments.of(family.getKey(), head.getKey(), head.getValue()))));
        return heads.stream();
    }

    /** From the language model with the golden's head; and again from the folder that is written, with its names. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("heads")
    void outputsAndNamesEqual(String family, String kind, JsonNode golden) {
        boolean tokens = kind.equals("token");
        ScoreHead.Shape shape =
                new ScoreHead.Shape(tokens ? ScoreHead.Kind.TOKEN : ScoreHead.Kind.SEQUENCE, tokens ? 2 : 1);
        ModelLoader.FreshHead fresh = new ModelLoader.FreshHead(shape, 0, 0);
        try (ModelFolder source = ModelFolder.open(GOLDENS.resolve(family));
                CausalLm model = ModelLoader.loadScoring(source, Dtype.F32, false, fresh)) {
            ScoreHead head = (ScoreHead) model.architecture();
            fill(model, head.head(), golden.get("weight"));
            head.headBias().ifPresent(bias -> fill(model, bias, golden.get("bias")));
            assertOutputs(model, source, family, golden);

            new ModelWriter(source)
                    .scoring(shape, source.config().path("pad_token_id").asInt(-1), Map.of())
                    .write(folder, model, Dtype.F32);
        }
        try (ModelFolder written = ModelFolder.open(folder);
                CausalLm again = ModelLoader.loadScoring(written, Dtype.F32, false, fresh)) {
            ObjectNode config = written.config();
            assertThat(config.get("architectures").get(0)).isEqualTo(golden.get("class"));
            assertThat(config.get("id2label").size()).isEqualTo(shape.labels());
            List<String> names = golden.get("tensors")
                    .valueStream()
                    .map(JsonNode::stringValue)
                    .toList();
            assertThat(written.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
            assertOutputs(again, written, family, golden);
        }
    }

    private static void fill(CausalLm model, String name, JsonNode values) {
        List<Float> flat = new ArrayList<>();
        values.forEach(row -> {
            if (row.isArray()) {
                row.forEach(value -> flat.add(value.floatValue()));
            } else {
                flat.add(row.floatValue());
            }
        });
        float[] floats = new float[flat.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = flat.get(i);
        }
        try (StepScope scope = StepScope.open()) {
            Tensor target = model.parameters().stored(name);
            target.copyInPlace(Tensor.of(floats, target.shape()));
        }
    }

    private static void assertOutputs(CausalLm model, ModelFolder source, String family, JsonNode golden) {
        JsonNode texts = JsonFiles.readObject(GOLDENS.resolve(family).resolve("golden.json"))
                .get("input_ids");
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = texts.get(i).valueStream().mapToInt(JsonNode::intValue).toArray();
            PackedBatch batch =
                    PackedBatch.of(List.of(new TokenTree(new int[0], List.of(new TokenTree.Branch(ids, 0)), 0)));
            int padId = source.config().path("pad_token_id").asInt(-1);
            boolean sequence = golden.get("outputs").get(i).size() == 1;
            int[] read = sequence ? Pooling.LAST.readings(batch, padId).tokens() : new int[] {ids.length - 1};
            double[] outputs = HeadOutputs.score(model, batch, read);
            for (int label = 0; label < outputs.length; label++) {
                double wanted = golden.get("outputs").get(i).get(label).doubleValue();
                assertThat(outputs[label]).isCloseTo(wanted, within(5e-5));
            }
        }
    }

    @Test
    void aTokenClassifierThatTransformersDoesNotHaveIsRefused() {
        try (ModelFolder source = ModelFolder.open(GOLDENS.resolve("olmo2"))) {
            ScoreHead.Shape shape = new ScoreHead.Shape(ScoreHead.Kind.TOKEN, 2);
            assertThatThrownBy(() -> new ModelWriter(source).scoring(shape, 0, Map.of()))
                    .hasMessageContaining(
                            "\"architectures\" is Olmo2ForCausalLM, which is not supported; supported: a family"
                                    + " that has token classifiers in transformers");
        }
    }
}
