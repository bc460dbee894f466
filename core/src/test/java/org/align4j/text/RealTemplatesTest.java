package org.align4j.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
import org.align4j.template.Span;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Chat templates of real models, by the hashes of what transformers makes of them: their texts are not ours to keep, and
 * are looked for in shared/data/templates. For what differs, render one in Python.
 */
class RealTemplatesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/golden/real_templates.json");
    private static final Path CONVERSATIONS = Path.of("../template/src/test/resources/golden/chat/rendered.json");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-09T07:05:03Z"), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> renderedAsTransformersRendersThem() throws IOException {
        if (!SharedData.has("templates")) {
            // Skipped for all to see: a factory that is skipped as a whole counts as no test at all.
            return Stream.of(DynamicTest.dynamicTest("templates", () -> SharedData.require("templates")));
        }
        Path folder = SharedData.require("templates");
        Map<String, Entry<String, JsonNode>> byText =
                JSON.readTree(Files.readString(GOLDEN)).get("templates").properties().stream()
                        .collect(Collectors.toMap(
                                each -> each.getValue().get("text").stringValue(), Function.identity()));
        JsonNode conversations = JSON.readTree(Files.readString(CONVERSATIONS));
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> known = files.filter(file -> byText.containsKey(digest(List.of(text(file)))))
                    .toList();
            assertThat(known).as("known templates in " + folder).isNotEmpty();
            return known.stream().map(file -> {
                Entry<String, JsonNode> golden = byText.get(digest(List.of(text(file))));
                return DynamicTest.dynamicTest(
                        golden.getKey(),
                        () -> assertThat(digest(renderings(text(file), conversations)))
                                .isEqualTo(golden.getValue().get("rendered").stringValue()));
            });
        }
    }

    private static List<String> renderings(String source, JsonNode golden) {
        Map<String, String> tokens =
                JSON.convertValue(golden.get("special"), new TypeReference<Map<String, String>>() {});
        ChatTemplate template = ChatTemplate.of(source, tokens, "a template");
        return golden.get("conversations")
                .valueStream()
                .flatMap(messages -> golden.get("settings")
                        .valueStream()
                        .map(settings -> rendering(template, messages, settings) + "\0"))
                .toList();
    }

    private static String rendering(ChatTemplate template, JsonNode messages, JsonNode settings) {
        try {
            Rendered rendered =
                    template.render(ChatTemplateTest.objects(messages), ChatTemplateTest.options(settings, CLOCK));
            StringBuilder result = new StringBuilder(rendered.text());
            for (Span each : rendered.generationSpans()) {
                Span span = each.inCodePoints(rendered.text());
                result.append(span.start()).append('-').append(span.end()).append(' ');
            }
            return result.toString();
        } catch (AlignException e) {
            return "error";
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    private static String digest(List<String> texts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            texts.forEach(text -> sha.update(text.getBytes(UTF_8)));
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
