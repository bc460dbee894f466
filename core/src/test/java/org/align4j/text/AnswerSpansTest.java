package org.align4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
import org.align4j.template.Span;
import org.junit.jupiter.api.Test;

class AnswerSpansTest {
    private static final String CHATML =
            "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    private static final String MARKED =
            "{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %}{{ m.content }}!{% endgeneration %}"
                    + "{% else %}Q:{{ m.content }} {% endif %}{% endfor %}{% if add_generation_prompt %}A:{% endif %}";
    private static final List<Map<String, Object>> TALK = List.of(
            message("user", "hi"), message("assistant", "yo 😀"), message("user", "so?"), message("assistant", "bye"));

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static List<String> answers(String template, List<? extends Map<String, ?>> messages, boolean lastOnly) {
        ChatTemplate chat = ChatTemplate.of(template, Map.of(), "test");
        Rendered rendered = chat.renderAnswers(messages, ChatOptions.defaults(), lastOnly);
        assertThat(rendered.text())
                .isEqualTo(chat.render(messages, ChatOptions.defaults()).text());
        List<String> texts = new ArrayList<>();
        for (Span span : rendered.generationSpans()) {
            texts.add(rendered.text().substring(span.start(), span.end()));
        }
        return texts;
    }

    @Test
    void theTemplatesOwnMarksCount() {
        assertThat(answers(MARKED, TALK, false)).containsExactly("yo 😀!", "bye!");
        assertThat(answers(MARKED, TALK, true)).containsExactly("bye!");
    }

    @Test
    void withoutMarksAnswersAreFoundByRendering() {
        assertThat(answers(CHATML, TALK, false)).containsExactly("yo 😀<|im_end|>", "bye<|im_end|>");
        assertThat(answers(CHATML, TALK, true)).containsExactly("bye<|im_end|>");
    }

    @Test
    void aLineBreakThatEndsAnAnswerBelongsToItWhereNothingElseDoes() {
        String lines = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
                + "{% if add_generation_prompt %}assistant: {% endif %}";
        assertThat(answers(lines, TALK, true)).containsExactly("bye\n");
    }

    @Test
    void whatCannotBeFoundIsSaid() {
        String forgets =
                "{% for m in messages %}{% if loop.last or m.role == 'user' %}{{ m.role + m.content }}{% endif %}"
                        + "{% endfor %}{% if add_generation_prompt %}assistant{% endif %}";
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> answers(forgets, TALK, false))
                .withMessageContaining("message 2")
                .withMessageContaining("{% generation %}");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> answers(CHATML, TALK.subList(0, 1), false))
                .withMessageContaining("no message of the assistant");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> answers(CHATML, TALK.subList(1, 2), false))
                .withMessageContaining("begins with the assistant");
    }

    @Test
    void aTokenIsTrainedIfAnyOfItIsInAPiece() {
        // The third token begins before the span and the last one ends after it; 😀 has two tokens.
        EncodedText text = new EncodedText(new int[6], new int[] {0, 1, 2, 4, 4, 5}, new int[] {1, 2, 4, 5, 5, 8});
        assertThat(text.within(List.of(new Span(3, 6)))).containsExactly(false, false, true, true, true, true);
        assertThat(text.within(List.of(new Span(1, 2), new Span(4, 5))))
                .containsExactly(false, true, false, true, true, false);
        assertThat(text.within(List.of(new Span(9, 12)))).containsExactly(false, false, false, false, false, false);
    }
}
