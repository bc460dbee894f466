package org.align4j.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A prompt or a completion as the data has it, before a chat template writes it. */
public sealed interface Content {

    /** Text that stands for itself. */
    record Text(String text) implements Content {}

    /** A part of a conversation; a message has {@code role} and {@code content}, and whatever else a template reads. */
    record Messages(List<Map<String, Object>> messages) implements Content {
        public Messages {
            messages = List.copyOf(messages);
        }
    }

    /** The same as messages: a text is one of {@code role}, an empty one none. */
    default List<Map<String, Object>> messages(String role) {
        if (this instanceof Messages chat) {
            return chat.messages();
        }
        String text = ((Text) this).text();
        return text.isEmpty() ? List.of() : List.of(message(role, text));
    }

    /** This and what follows it. Both are texts or both are messages. */
    default Content then(Content next) {
        if (this instanceof Text text) {
            return new Text(text.text() + ((Text) next).text());
        }
        List<Map<String, Object>> all = new ArrayList<>(((Messages) this).messages());
        all.addAll(((Messages) next).messages());
        return new Messages(all);
    }

    static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }
}
