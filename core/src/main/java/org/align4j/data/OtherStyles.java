package org.align4j.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rows in the columns of ShareGPT and of Alpaca, as LLaMA-Factory reads them. */
final class OtherStyles {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<Object, String> SHAREGPT_ROLES = Map.of("user", "human", "assistant", "gpt");

    private OtherStyles() {}

    /** Demonstrations, labelled completions and pairs. */
    static void shareGpt(ObjectNode row, Example example) {
        List<Answer> answers = example.answers();
        if (example.kind() == Kind.RANKING) {
            row.set("conversations", shareGpt(example.prompt().messages("user")));
            row.set("chosen", oneOrAll(shareGpt(answers.get(0).content().messages("assistant"))));
            row.set("rejected", oneOrAll(shareGpt(answers.get(1).content().messages("assistant"))));
            Conversion.addScores(row, example);
            return;
        }
        row.set("conversations", shareGpt(Conversion.messages(example)));
        if (example.kind() == Kind.LABELLED) {
            row.put("label", answers.get(0).good());
        }
    }

    private static JsonNode shareGpt(List<Map<String, Object>> messages) {
        List<Map<String, Object>> named = new ArrayList<>();
        for (Map<String, Object> message : messages) {
            Map<String, Object> other = new LinkedHashMap<>();
            Object role = message.get("role");
            other.put("from", SHAREGPT_ROLES.getOrDefault(role, String.valueOf(role)));
            if (message.containsKey("content")) { // a call of a tool may have none
                other.put("value", message.get("content"));
            }
            message.forEach((key, value) -> {
                if (!Set.of("role", "content").contains(key)) {
                    other.put(key, value);
                }
            });
            named.add(other);
        }
        return JSON.valueToTree(named);
    }

    private static JsonNode oneOrAll(JsonNode messages) {
        return messages.size() == 1 ? messages.get(0) : messages;
    }

    /** Demonstrations, labelled completions and pairs of a question and answers; it has no place for more turns. */
    static void alpaca(ObjectNode row, Example example) throws BadRowException {
        Fields fields = example.fields();
        boolean asWas = fields.has("instruction")
                && !fields.has("prompt")
                && example.prompt().messages("user").equals(List.of(Content.message("user", fields.prompt())));
        if (asWas) {
            row.put("instruction", fields.text("instruction"));
            row.put("input", fields.has("input") ? fields.text("input") : "");
        } else {
            row.put("instruction", only(example, example.prompt(), "user", "the prompt"));
            row.put("input", "");
        }
        List<String> names = example.kind() == Kind.RANKING ? List.of("chosen", "rejected") : List.of("output");
        for (int i = 0; i < names.size(); i++) {
            Answer answer = example.answers().get(i);
            row.put(names.get(i), only(example, answer.content(), "assistant", "`" + answer.place() + "`"));
        }
        if (example.kind() == Kind.LABELLED) {
            row.put("label", example.answers().get(0).good());
        }
        if (example.kind() == Kind.RANKING) {
            Conversion.addScores(row, example);
        }
    }

    private static String only(Example example, Content content, String role, String which) throws BadRowException {
        if (content instanceof Content.Text text) {
            return text.text();
        }
        List<Map<String, Object>> messages = ((Content.Messages) content).messages();
        if (messages.size() != 1
                || !role.equals(messages.get(0).get("role"))
                || !(messages.get(0).get("content") instanceof String text)) {
            throw example.fields()
                    .bad(
                            BadRows.Reason.CONVERSATION,
                            "%s has %d messages, and alpaca has place for one text of the %s; convert to messages instead"
                                    .formatted(which, messages.size(), role));
        }
        return text;
    }
}
