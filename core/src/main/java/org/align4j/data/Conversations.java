package org.align4j.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
import org.align4j.text.ChatOptions;
import org.align4j.text.ChatTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The messages in a row, and how the model's chat template writes them. A message has {@code role} and {@code content}, or
 * {@code from} and {@code value} as ShareGPT has them, whose {@code human} is the user and whose {@code gpt} is the
 * assistant. The columns {@code tools} (a list, or JSON text of one) and {@code chat_template_kwargs} (an object) go to
 * the template, as in TRL.
 */
final class Conversations {
    private static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() {};
    private static final Map<String, String> SHAREGPT_ROLES = Map.of(
            "human", "user", "gpt", "assistant", "chatgpt", "assistant", "bing", "assistant", "bard", "assistant");

    private final Fields fields;
    private final Chats chats;

    Conversations(Fields fields, Chats chats) {
        this.fields = fields;
        this.chats = chats;
    }

    /** Whether a value is a message or a list of messages. */
    static boolean isChat(JsonNode node) {
        JsonNode first = node != null && node.isArray() && !node.isEmpty() ? node.get(0) : node;
        return first != null && first.isObject() && (first.has("role") || first.has("from"));
    }

    /** The messages of a field; a text is one message of {@code role}. */
    List<Map<String, Object>> messages(String name, String role) throws BadRowException {
        return messages(fields.required(name), name, role);
    }

    /** @param place of the value in the row, such as {@code completions[2]} */
    List<Map<String, Object>> messages(JsonNode node, String place, String role) throws BadRowException {
        if (node.isString()) {
            return List.of(Content.message(role, fields.text(node, "`" + place + "`")));
        }
        if (!node.isArray()) {
            return List.of(message(node, place));
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        for (JsonNode element : node) {
            messages.add(message(element, "%s[%d]".formatted(place, messages.size())));
        }
        if (messages.isEmpty()) {
            throw fields.bad(BadRows.Reason.EMPTY_COMPLETION, "`" + place + "` has no messages, expected at least one");
        }
        return messages;
    }

    /**
     * The messages of a column that holds a conversation from its start. ShareGPT's rows may have what the system says in a
     * column {@code system}.
     */
    List<Map<String, Object>> conversation(String name) throws BadRowException {
        List<Map<String, Object>> messages = messages(name, "user");
        boolean hasOwn = "system".equals(messages.get(0).get("role"));
        if (!name.equals("conversations")
                || hasOwn
                || !fields.row().path("system").isString()) {
            return messages;
        }
        String system = fields.text("system");
        List<Map<String, Object>> all = new ArrayList<>();
        if (!system.isEmpty()) {
            all.add(Content.message("system", system));
        }
        all.addAll(messages);
        return all;
    }

    private Map<String, Object> message(JsonNode node, String place) throws BadRowException {
        String role = node.has("from") ? "from" : "role";
        if (!node.isObject() || !node.path(role).isString()) {
            String found = !node.isObject()
                    ? "is " + Fields.kind(node)
                    : node.has(role)
                            ? "has the %s %s".formatted(role, node.get(role))
                            : "has the fields " + String.join(", ", node.propertyNames());
            throw fields.bad(
                    BadRows.Reason.CONVERSATION,
                    "`%s` %s, expected a message with `role` and `content`, or `from` and `value`"
                            .formatted(place, found));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        JSON.convertValue(node, OBJECT).forEach((name, value) -> {
            switch (name) {
                case "from" -> message.put("role", SHAREGPT_ROLES.getOrDefault((String) value, (String) value));
                case "value" -> message.put("content", value);
                default -> message.put(name, value);
            }
        });
        return message;
    }

    /** The conversation up to where the model's next answer begins. */
    String prompt(List<Map<String, Object>> messages) throws BadRowException {
        ChatOptions options = options().withGenerationPrompt();
        return written(template -> template.render(messages, options)).text();
    }

    /** A conversation that has ended, and where in it is what shall be trained on. */
    Rendered whole(List<Map<String, Object>> prompt, List<Map<String, Object>> completion) throws BadRowException {
        List<Map<String, Object>> all = new ArrayList<>(prompt);
        all.addAll(completion);
        ChatOptions options = options();
        return written(template -> chats.turns() == TrainedTurns.ALL
                ? template.render(all, options)
                : template.renderAnswers(all, options, chats.turns() == TrainedTurns.LAST_ASSISTANT));
    }

    /** Without a template no row of this kind can be used, whatever is done with bad rows. */
    private ChatTemplate loaded() {
        try {
            return chats.template().get();
        } catch (AlignException e) {
            throw AlignException.badInput(fields.source() + ": the row is a conversation; " + e.getMessage(), e);
        }
    }

    private Rendered written(Function<ChatTemplate, Rendered> render) throws BadRowException {
        ChatTemplate loaded = loaded();
        try {
            return render.apply(loaded);
        } catch (AlignException e) {
            throw fields.bad(BadRows.Reason.CONVERSATION, e.getMessage());
        }
    }

    private ChatOptions options() throws BadRowException {
        ChatOptions options = ChatOptions.defaults();
        Optional<JsonNode> tools = json("tools", "a list of objects");
        if (tools.isPresent()) {
            options = options.withTools(convert(tools.get(), "tools", "a list of objects", OBJECTS));
        }
        Optional<JsonNode> variables = json("chat_template_kwargs", "an object");
        if (variables.isPresent()) {
            options = options.withVariables(convert(variables.get(), "chat_template_kwargs", "an object", OBJECT));
        }
        return options;
    }

    /** A field that may also be JSON text, as columns that hold many shapes are stored. */
    private Optional<JsonNode> json(String name, String expected) throws BadRowException {
        if (!fields.has(name)) {
            return Optional.empty();
        }
        JsonNode node = fields.row().get(name);
        try {
            JsonNode read = node.isString() ? JSON.readTree(node.stringValue()) : node;
            return read.isNull() || read.isMissingNode() ? Optional.empty() : Optional.of(read);
        } catch (JacksonException e) {
            throw fields.bad(
                    BadRows.Reason.WRONG_TYPE,
                    "`%s` is text that is no JSON, expected %s: %s".formatted(name, expected, JsonProblem.of(e)));
        }
    }

    private <T> T convert(JsonNode node, String name, String expected, TypeReference<T> type) throws BadRowException {
        try {
            return JSON.convertValue(node, type);
        } catch (JacksonException e) {
            throw fields.bad(
                    BadRows.Reason.WRONG_TYPE, "`%s` is %s, expected %s".formatted(name, Fields.kind(node), expected));
        }
    }
}
