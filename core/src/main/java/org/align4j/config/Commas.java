package org.align4j.config;

import java.util.ArrayList;
import java.util.List;

/** Several values in one text. */
public final class Commas {
    private Commas() {}

    /** The parts between commas, without the space around them. A comma in braces or brackets is one of a file pattern. */
    public static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int depth = 0;
        for (char c : text.toCharArray()) {
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        return parts;
    }
}
