package org.align4j.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.align4j.template.Rendered;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Token ids and assistant masks of a thousand conversations of UltraFeedback, against transformers. */
class SmolLm2MasksTest {
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @ValueSource(strings = {"turns", "thirds"})
    void idsAndMasksAreThoseOfTransformers(String name) throws Exception {
        Path model = SharedData.require("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        Path rows = SharedData.require("preference/ultrafeedback/train.jsonl");
        JsonNode golden = JSON.readTree(Files.readString(Path.of("src/test/resources/golden/smollm2_masks.json")));
        ChatTemplate template =
                ChatTemplate.of(golden.get("templates").get(name).stringValue(), Map.of(), name);
        int[] odd = golden.get("odd").stringValue().codePoints().toArray();
        List<String> digests = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            for (String line : Files.readString(rows).split("\n")) {
                Rendered rendered = template.render(
                        conversation(JSON.readTree(line), odd),
                        ChatOptions.defaults().withGenerationSpans());
                digests.add(digest(tokenizer.encodeWithPlaces(rendered.text()), rendered));
            }
        }
        assertThat(digests)
                .isEqualTo(golden.get("digests")
                        .get(name)
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .toList());
    }

    private static List<Map<String, Object>> conversation(JsonNode row, int[] odd) {
        int from = row.get("source_index").intValue() % odd.length;
        return List.of(
                Map.of("role", "user", "content", row.get("prompt").stringValue()),
                Map.of("role", "assistant", "content", row.get("chosen").stringValue()),
                Map.of("role", "user", "content", new String(odd, from, odd.length - from)),
                Map.of("role", "assistant", "content", row.get("rejected").stringValue()));
    }

    private static String digest(EncodedText encoded, Rendered rendered) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int id : encoded.ids()) {
            text.append(text.isEmpty() ? "" : " ").append(id);
        }
        text.append(':');
        boolean[] mask = encoded.within(rendered.generationSpans().stream()
                .map(span -> span.inCodePoints(rendered.text()))
                .toList());
        for (boolean trained : mask) {
            text.append(trained ? '1' : '0');
        }
        byte[] sha = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8));
        return HexFormat.of().formatHex(sha).substring(0, 8);
    }
}
