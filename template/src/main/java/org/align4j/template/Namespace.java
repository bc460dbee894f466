package org.align4j.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** {@code namespace(…)}: the one thing a template can change. */
final class Namespace implements Attributes {
    private final Map<String, Object> values = new LinkedHashMap<>();

    @Override
    public Object attribute(String name) {
        return values.containsKey(name) ? values.get(name) : Arguments.MISSING;
    }

    void set(String name, Object value) {
        if (name.startsWith("_")) {
            throw new EvalError("a namespace cannot hold '" + name + "': names that begin with an underscore are not"
                    + " allowed; rename it");
        }
        values.put(name, value);
    }

    Map<String, Object> values() {
        return values;
    }
}
