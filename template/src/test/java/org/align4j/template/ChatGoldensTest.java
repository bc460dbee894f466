package org.align4j.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Whole chat templates, on conversations of every kind, against transformers. Conversations with thoughts and unfinished
 * messages need what is done to messages before a template sees them, and are tested with that.
 */
class ChatGoldensTest {
    private static final List<String> THOUGHTS = List.of("reasoning_content", "thinking", "reasoning");

    @TestFactory
    Stream<DynamicTest> rendersAsTransformersDoes() {
        JsonNode golden = Goldens.read("chat/rendered.json");
        return golden.get("rendered").propertyStream().map(template -> {
            String source = Goldens.text(Goldens.FOLDER.resolve("chat/" + template.getKey() + ".jinja"));
            return DynamicTest.dynamicTest(
                    template.getKey(), () -> check(Template.parse(source), golden, template.getValue()));
        });
    }

    private static void check(Template template, JsonNode golden, JsonNode rendered) {
        rendered.forEachEntry((conversation, bySetting) -> {
            JsonNode messages = golden.get("conversations").get(conversation);
            boolean thinks =
                    messages.valueStream().anyMatch(message -> THOUGHTS.stream().anyMatch(message::has));
            bySetting.forEachEntry((setting, expected) -> {
                if (!thinks && !setting.equals("continued")) {
                    Map<String, Object> variables = variables(golden, messages, setting);
                    check(template, variables, expected, conversation + ", " + setting);
                }
            });
        });
    }

    private static Map<String, Object> variables(JsonNode golden, JsonNode messages, String setting) {
        Map<String, Object> variables = Goldens.map(golden.get("special"));
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("add_generation_prompt", false);
        variables.putAll(Goldens.map(golden.get("settings").get(setting)));
        variables.put("messages", Goldens.value(messages));
        return variables;
    }

    private static void check(Template template, Map<String, Object> variables, JsonNode expected, String which) {
        boolean wantsSpans = variables.remove("return_assistant_tokens_mask") != null;
        RenderOptions options = wantsSpans ? RenderOptions.defaults().withGenerationSpans() : RenderOptions.defaults();
        if (expected.has("error")) {
            assertThatThrownBy(() -> template.render(variables, options))
                    .as(which + ": " + expected.get("error"))
                    .isInstanceOf(TemplateException.class);
            return;
        }
        Rendered rendered = template.render(variables, options);
        assertThat(rendered.text()).as(which).isEqualTo(expected.get("text").stringValue());
        List<Span> spans = new ArrayList<>();
        if (expected.has("spans")) {
            expected.get("spans")
                    .forEach(span -> spans.add(
                            new Span(span.get(0).intValue(), span.get(1).intValue())));
        }
        assertThat(rendered.generationSpans().stream()
                        .map(span -> span.inCodePoints(rendered.text()))
                        .toList())
                .as(which)
                .isEqualTo(spans);
    }
}
