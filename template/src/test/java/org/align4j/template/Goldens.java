package org.align4j.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stored results of transformers. */
final class Goldens {
    static final Path FOLDER = Path.of("src/test/resources/golden");

    private Goldens() {}

    static JsonNode read(String name) {
        return new JsonMapper().readTree(text(FOLDER.resolve(name)));
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A value of JSON as one of a template. */
    static Object value(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            node.forEachEntry((name, value) -> map.put(name, value(value)));
            return map;
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(value(element)));
            return list;
        }
        if (node.isString()) {
            return node.stringValue();
        }
        if (node.isIntegralNumber()) {
            return node.bigIntegerValue();
        }
        return node.isNull() ? null : node.isBoolean() ? (Object) node.booleanValue() : node.doubleValue();
    }

    @SuppressWarnings("unchecked") // the keys of a JSON object are text
    static Map<String, Object> map(JsonNode object) {
        return (Map<String, Object>) value(object);
    }
}
