package org.align4j.template;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Which of the names that only macros have ({@code caller}, {@code kwargs}, {@code varargs}) the macros around use. */
final class MacroUses {
    private static final Set<String> SPECIAL = Set.of("caller", "kwargs", "varargs");

    private final Deque<Set<String>> open = new ArrayDeque<>();

    void begin() {
        open.push(new HashSet<>());
    }

    Set<String> end() {
        return open.pop();
    }

    void named(String name) {
        if (SPECIAL.contains(name)) {
            open.forEach(names -> names.add(name));
        }
    }
}
