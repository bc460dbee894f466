package org.align4j.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Small templates: every operator, filter, test, method and statement against jinja2 as transformers sets it up. */
class ExpressionGoldensTest {
    @TestFactory
    Stream<DynamicTest> rendersAsTransformersDoes() {
        JsonNode golden = Goldens.read("expressions.json");
        Map<String, Object> variables = Goldens.map(golden.get("variables"));
        return golden.get("cases").valueStream().map(each -> {
            String source = each.get("template").stringValue();
            return DynamicTest.dynamicTest(source.isBlank() ? "blank" : source, () -> check(source, each, variables));
        });
    }

    private static void check(String source, JsonNode golden, Map<String, Object> variables) {
        if (golden.has("error")) {
            assertThatThrownBy(() -> Template.parse(source).render(variables))
                    .as(golden.get("error").stringValue())
                    .isInstanceOf(TemplateException.class);
        } else {
            assertThat(Template.parse(source).render(variables).text())
                    .isEqualTo(golden.get("text").stringValue());
        }
    }
}
