package org.align4j.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
import org.align4j.template.Span;

/**
 * Where the assistant's messages stand in a rendered conversation: what a model learns to write.
 *
 * <p>A template with {@code {% generation %}} blocks says so itself. Of any other, the conversation is rendered up to each
 * answer: the answer begins where the text that asks for it (with what begins an answer) ends, and ends where the
 * conversation up to and with it ends, with the mark that ends a turn. That needs a template that writes messages the same way whatever follows them.
 */
final class AnswerSpans {
    private static final String MENDING =
            "; give a chat_template that marks answers with {% generation %} … {% endgeneration %}";

    private final ChatTemplate template;
    private final List<? extends Map<String, ?>> messages;
    private final ChatOptions options;

    AnswerSpans(ChatTemplate template, List<? extends Map<String, ?>> messages, ChatOptions options) {
        this.template = template;
        this.messages = messages;
        this.options = options;
    }

    /** @throws AlignException if there is no answer, or if the template does not let it be found */
    Rendered find(boolean marked, boolean lastOnly) {
        Rendered whole = template.render(messages, marked ? options.withGenerationSpans() : options);
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if ("assistant".equals(messages.get(i).get("role"))) {
                answers.add(i);
            }
        }
        if (answers.isEmpty()) {
            throw AlignException.badInput(
                    "the conversation has no message of the assistant, expected one to train on; leave the row out");
        }
        if (lastOnly) {
            answers = answers.subList(answers.size() - 1, answers.size());
        }
        return new Rendered(whole.text(), marked ? marked(whole, answers.get(0), lastOnly) : rendered(whole, answers));
    }

    private List<Span> marked(Rendered whole, int answer, boolean lastOnly) {
        int from = lastOnly && answer > 0 ? common(whole.text(), upTo(answer, false)) : 0;
        List<Span> spans = new ArrayList<>();
        for (Span span : whole.generationSpans()) {
            if (span.start() >= from && span.end() > span.start()) {
                spans.add(span);
            }
        }
        if (spans.isEmpty()) {
            throw AlignException.badInput("the chat template writes no {% generation %} block for this conversation,"
                    + " expected one for each answer; correct it");
        }
        return spans;
    }

    private List<Span> rendered(Rendered whole, List<Integer> answers) {
        List<Span> spans = new ArrayList<>();
        for (int answer : answers) {
            if (answer == 0) {
                throw AlignException.badInput(
                        "the conversation begins with the assistant, and the chat template does not"
                                + " say where that answer begins" + MENDING);
            }
            String with = upTo(answer + 1, false);
            int start = common(whole.text(), upTo(answer, true));
            if (!whole.text().startsWith(upTo(answer, false)) || !whole.text().startsWith(with)) {
                throw AlignException.badInput("the chat template writes message " + (answer + 1)
                        + " or those before it otherwise when more follows, so that the answer is not found in the text"
                        + MENDING);
            }
            spans.add(new Span(start, end(with, answer)));
        }
        return spans;
    }

    /**
     * Where the answer's last token ends: before the line break that templates write after a mark such as
     * {@code <|im_end|>}, which a model that has ended its turn never writes.
     */
    private int end(String with, int answer) {
        String stripped = with.stripTrailing();
        boolean plain = messages.get(answer).get("content") instanceof String content
                && !content.isBlank()
                && stripped.endsWith(content.strip());
        return plain ? with.length() : stripped.length();
    }

    private String upTo(int messageCount, boolean asking) {
        ChatOptions how = asking ? options.withGenerationPrompt() : options;
        return template.render(messages.subList(0, messageCount), how).text();
    }

    private static int common(String whole, String part) {
        int i = 0;
        while (i < Math.min(whole.length(), part.length()) && whole.charAt(i) == part.charAt(i)) {
            i++;
        }
        return i;
    }
}
