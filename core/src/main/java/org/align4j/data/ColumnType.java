package org.align4j.data;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What a column of a table must hold, found by looking at all of its values. */
sealed interface ColumnType {
    /** Nothing was seen but nulls. */
    record Unknown() implements ColumnType {}

    /** @param sql BOOLEAN, BIGINT, DOUBLE or VARCHAR */
    record Single(String sql) implements ColumnType {}

    record ListOf(ColumnType element) implements ColumnType {}

    record Structure(Map<String, ColumnType> fields) implements ColumnType {}

    static ColumnType of(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> new Single("BOOLEAN");
            case NUMBER -> new Single(value.isIntegralNumber() && value.canConvertToLong() ? "BIGINT" : "DOUBLE");
            case STRING -> new Single("VARCHAR");
            case ARRAY -> {
                ColumnType element = new Unknown();
                for (JsonNode each : value) {
                    element = element.with(of(each));
                }
                yield new ListOf(element);
            }
            case OBJECT -> {
                Map<String, ColumnType> fields = new LinkedHashMap<>();
                value.properties().forEach(field -> fields.put(field.getKey(), of(field.getValue())));
                yield new Structure(fields);
            }
            case NULL, MISSING, BINARY, POJO -> new Unknown();
        };
    }

    /** What holds both. @throws IllegalArgumentException if nothing does */
    default ColumnType with(ColumnType other) {
        if (other instanceof Unknown || equals(other)) {
            return this;
        }
        if (this instanceof Unknown) {
            return other;
        }
        if (this instanceof Single && other instanceof Single && isNumber() && other.isNumber()) {
            return new Single("DOUBLE");
        }
        if (this instanceof ListOf one && other instanceof ListOf two) {
            return new ListOf(one.element().with(two.element()));
        }
        if (this instanceof Structure one && other instanceof Structure two) {
            Map<String, ColumnType> fields = new LinkedHashMap<>(one.fields());
            two.fields().forEach((name, type) -> fields.merge(name, type, ColumnType::with));
            return new Structure(fields);
        }
        throw new IllegalArgumentException(words() + " in one row and " + other.words() + " in another");
    }

    private boolean isNumber() {
        return equals(new Single("BIGINT")) || equals(new Single("DOUBLE"));
    }

    /** Whether it holds text in some rows and messages in others. */
    static boolean isTextAndMessages(ColumnType one, ColumnType other) {
        Single text = new Single("VARCHAR");
        return one.equals(text) && other.isMessages() || other.equals(text) && one.isMessages();
    }

    private boolean isMessages() {
        return this instanceof Structure || this instanceof ListOf list && list.element() instanceof Structure;
    }

    private String words() {
        if (this instanceof Single single) {
            return single.sql().equals("VARCHAR") ? "text" : isNumber() ? "a number" : "true or false";
        }
        return this instanceof ListOf ? "a list" : "an object";
    }

    /** As DuckDB writes types. */
    default String sql() {
        if (this instanceof Single single) {
            return single.sql();
        }
        if (this instanceof ListOf list) {
            return list.element().sql() + "[]";
        }
        if (this instanceof Structure structure && !structure.fields().isEmpty()) {
            return structure.fields().entrySet().stream()
                    .map(field ->
                            quoted(field.getKey()) + " " + field.getValue().sql())
                    .collect(Collectors.joining(", ", "STRUCT(", ")"));
        }
        return "VARCHAR"; // of nulls or empty objects
    }

    static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
