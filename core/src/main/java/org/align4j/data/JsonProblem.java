package org.align4j.data;

import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/** What is wrong with JSON text, in words for people who do not know the library that reads it. */
public final class JsonProblem {
    private static final List<Map.Entry<String, String>> WORDS = List.of(
            Map.entry("Unexpected end-of-input.*", "it ends too early"),
            Map.entry("Unrecognized token '(.*?)': was expecting.*", "found $1, expected a JSON value"),
            Map.entry(
                    "Unexpected character \\('(.)' \\(code .*?\\)\\):? ?(?:was )?expect(?:ing|ed) (.*)",
                    "found $1, expected $2"),
            Map.entry("Unexpected character \\('(.)' \\(code .*?\\)\\).*", "found $1, which has no place there"));

    private JsonProblem() {}

    /** In one line, without the place. */
    public static String of(JacksonException e) {
        String problem = e.getOriginalMessage().strip().replaceAll("\\s+", " ");
        for (Map.Entry<String, String> each : WORDS) {
            if (problem.matches(each.getKey())) {
                return problem.replaceFirst(each.getKey(), each.getValue());
            }
        }
        return problem;
    }
}
