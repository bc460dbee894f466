package org.align4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
import org.align4j.template.Span;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Model folders and conversations against transformers' {@code apply_chat_template}. */
class ChatTemplateTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path GOLDENS = Path.of("src/test/resources/golden");
    private static final Path TEMPLATES = Path.of("../template/src/test/resources/golden/chat");

    @TempDir
    private Path temporary;

    static List<Map<String, Object>> objects(JsonNode list) {
        return JSON.convertValue(list, new TypeReference<>() {});
    }

    /** The arguments of {@code apply_chat_template} or {@code render_jinja_template}. */
    static ChatOptions options(JsonNode arguments, Clock clock) {
        Map<String, Object> variables =
                JSON.convertValue(arguments, new TypeReference<LinkedHashMap<String, Object>>() {});
        for (String own : List.of(
                "chat_template",
                "tools",
                "documents",
                "add_generation_prompt",
                "continue_final_message",
                "return_assistant_tokens_mask")) {
            variables.remove(own);
        }
        JsonNode continued = arguments.path("continue_final_message");
        return new ChatOptions(
                Optional.ofNullable(arguments.path("chat_template").asString(null)),
                arguments.has("tools") ? Optional.of(objects(arguments.get("tools"))) : Optional.empty(),
                arguments.has("documents") ? Optional.of(objects(arguments.get("documents"))) : Optional.empty(),
                arguments.path("add_generation_prompt").asBoolean(false),
                continued.isString()
                        ? Optional.of(continued.stringValue())
                        : continued.asBoolean(false) ? Optional.of("content") : Optional.empty(),
                variables,
                arguments.has("return_assistant_tokens_mask"),
                clock);
    }

    @TestFactory
    Stream<DynamicTest> foldersAsTransformersReadsThem() throws IOException {
        JsonNode golden = JSON.readTree(Files.readString(GOLDENS.resolve("chat_folders.json")));
        return golden.get("cases")
                .valueStream()
                .map(each -> DynamicTest.dynamicTest(each.get("name").stringValue(), () -> checkFolder(each)));
    }

    private void checkFolder(JsonNode golden) throws IOException {
        Path folder = Files.createTempDirectory(temporary, "model");
        for (Map.Entry<String, JsonNode> file : golden.get("files").properties()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            JsonNode content = file.getValue();
            Files.writeString(path, content.isString() ? content.stringValue() : content.toString());
        }
        if (golden.has("error")) {
            AlignException error = catchThrowableOfType(AlignException.class, () -> render(folder, golden));
            assertThat(error).as(golden.get("error").stringValue()).isNotNull();
            assertThat(error.getMessage()).doesNotContain("\n");
        } else {
            assertThat(render(folder, golden)).isEqualTo(golden.get("text").stringValue());
        }
    }

    private static String render(Path folder, JsonNode golden) {
        return ChatTemplate.load(folder)
                .render(objects(golden.get("messages")), options(golden.get("arguments"), Clock.systemDefaultZone()))
                .text();
    }

    @TestFactory
    Stream<DynamicTest> conversationsAsTransformersRendersThem() throws IOException {
        JsonNode golden = JSON.readTree(Files.readString(TEMPLATES.resolve("rendered.json")));
        return golden.get("rendered")
                .propertyStream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> checkTemplate(golden, each)));
    }

    private static void checkTemplate(JsonNode golden, Map.Entry<String, JsonNode> rendered) throws IOException {
        String source = Files.readString(TEMPLATES.resolve(rendered.getKey() + ".jinja"));
        Map<String, String> tokens =
                JSON.convertValue(golden.get("special"), new TypeReference<Map<String, String>>() {});
        ChatTemplate template = ChatTemplate.of(source, tokens, rendered.getKey());
        rendered.getValue()
                .forEachEntry((conversation, bySetting) -> bySetting.forEachEntry((setting, expected) -> {
                    List<Map<String, Object>> messages =
                            objects(golden.get("conversations").get(conversation));
                    ChatOptions options = options(golden.get("settings").get(setting), Clock.systemDefaultZone());
                    String which = conversation + ", " + setting;
                    if (expected.has("error")) {
                        assertThatThrownBy(() -> template.render(messages, options))
                                .as(which + ": " + expected.get("error"))
                                .isInstanceOf(AlignException.class);
                        return;
                    }
                    Rendered result = template.render(messages, options);
                    assertThat(result.text())
                            .as(which)
                            .isEqualTo(expected.get("text").stringValue());
                    List<Span> spans = expected.path("spans")
                            .valueStream()
                            .map(span ->
                                    new Span(span.get(0).intValue(), span.get(1).intValue()))
                            .toList();
                    assertThat(result.generationSpans().stream()
                                    .map(span -> span.inCodePoints(result.text()))
                                    .toList())
                            .as(which)
                            .isEqualTo(spans);
                }));
    }

    @Test
    void aRefusalNamesTheTemplateTheReasonAndTheRemedy() {
        ChatTemplate template = ChatTemplate.of("\n{{ raise_exception('No system\nrole') }}", Map.of(), "MODEL");
        AlignException refusal = catchThrowableOfType(
                AlignException.class, () -> template.render(List.of(Map.of("role", "user")), ChatOptions.defaults()));
        assertThat(refusal)
                .hasMessage("MODEL: the chat template refuses this conversation (line 2): No system role; change the"
                        + " messages or the template");
        assertThat(refusal.kind()).isEqualTo(AlignException.Kind.BAD_INPUT);
    }

    @Test
    void messagesStayAsTheyAre() {
        Map<String, Object> message = new HashMap<>(Map.of("role", "assistant", "thinking", "t", "content", "c"));
        message.put("tool_calls", null);
        Map<String, Object> before = new HashMap<>(message);
        ChatOptions options = new ChatOptions(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.of("content"),
                Map.of(),
                false,
                Clock.systemDefaultZone());
        ChatTemplate template = ChatTemplate.of("{{ messages[0].content }}!", Map.of(), "TEMPLATE");
        assertThat(template.render(List.of(message), options).text()).isEqualTo("c");
        assertThat(message).isEqualTo(before);
    }

    @Test
    void aRealModel() {
        Path model = SharedData.require("models/stories260k");
        assertThatThrownBy(() -> ChatTemplate.load(model))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining("there is no chat template");
    }
}
