package org.align4j.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What transformers does to messages before a template sees them. */
final class ChatMessages {
    /** Where a message's thoughts may stand; templates read the first. */
    static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    private ChatMessages() {}

    /**
     * Copies of the messages without the fields that are null ({@code "content": null} is how some programs write that
     * there is none), and with thoughts under the names that templates read.
     */
    static List<Map<String, Object>> prepared(List<? extends Map<String, ?>> messages) {
        List<Map<String, Object>> result = new ArrayList<>();
        for (Map<String, ?> message : messages) {
            Map<String, Object> copy = new LinkedHashMap<>();
            message.forEach((name, value) -> {
                if (value != null) {
                    copy.put(name, value);
                }
            });
            result.add(withReasoning(copy));
        }
        return result;
    }

    private static Map<String, Object> withReasoning(Map<String, Object> message) {
        for (String name : REASONING) {
            Object reasoning = message.get(name);
            if (reasoning != null) {
                Map<String, Object> copy = new LinkedHashMap<>();
                copy.put("thinking", reasoning);
                copy.putAll(message);
                copy.put("reasoning_content", reasoning);
                return copy;
            }
        }
        return message;
    }
}
