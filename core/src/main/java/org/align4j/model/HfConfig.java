package org.align4j.model;

import java.util.Optional;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/** Typed access to a Hugging Face {@code config.json}, with errors that name the file, the key and what was found. */
public final class HfConfig {
    private final JsonNode json;
    private final String where;

    /** @param where the file's name for messages */
    public HfConfig(JsonNode json, String where) {
        this.json = json;
        this.where = where;
    }

    private Optional<JsonNode> find(String key) {
        JsonNode value = json.get(key);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    public boolean has(String key) {
        return find(key).isPresent();
    }

    /** Whether the file says null, where a missing key would mean a default. */
    public boolean isNull(String key) {
        JsonNode value = json.get(key);
        return value != null && value.isNull();
    }

    public int requireInt(String key) {
        return toInt(key, find(key).orElseThrow(() -> missing(key)));
    }

    public int getInt(String key, int fallback) {
        return find(key).map(value -> toInt(key, value)).orElse(fallback);
    }

    private int toInt(String key, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() <= 0) {
            throw wrong(key, value, "a positive integer");
        }
        return value.intValue();
    }

    public double getDouble(String key, double fallback) {
        Optional<JsonNode> value = find(key);
        if (value.isEmpty()) {
            return fallback;
        }
        if (!value.get().isNumber()) {
            throw wrong(key, value.get(), "a number");
        }
        return value.get().doubleValue();
    }

    public boolean getBoolean(String key, boolean fallback) {
        Optional<JsonNode> value = find(key);
        if (value.isEmpty()) {
            return fallback;
        }
        if (!value.get().isBoolean()) {
            throw wrong(key, value.get(), "true or false");
        }
        return value.get().booleanValue();
    }

    public String getString(String key, String fallback) {
        Optional<JsonNode> value = find(key);
        if (value.isEmpty()) {
            return fallback;
        }
        if (!value.get().isString()) {
            throw wrong(key, value.get(), "a text");
        }
        return value.get().stringValue();
    }

    /** A nested object, absent when the key is. */
    public Optional<HfConfig> getObject(String key) {
        Optional<JsonNode> value = find(key);
        if (value.isPresent() && !value.get().isObject()) {
            throw wrong(key, value.get(), "an object");
        }
        return value.map(node -> new HfConfig(node, where + " \"" + key + "\""));
    }

    /** How many labels a classifier has, by transformers' rules: 2 where the file does not say. */
    public int labels() {
        Optional<HfConfig> names = getObject("id2label");
        return names.isPresent() ? names.get().json.size() : getInt("num_labels", 2);
    }

    /** A list of texts, absent when the key is. */
    public Optional<String[]> getStrings(String key) {
        Optional<JsonNode> value = find(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!value.get().isArray()) {
            throw wrong(key, value.get(), "a list of texts");
        }
        String[] texts = new String[value.get().size()];
        for (int i = 0; i < texts.length; i++) {
            JsonNode item = value.get().get(i);
            if (!item.isString()) {
                throw wrong(key, item, "a text");
            }
            texts[i] = item.stringValue();
        }
        return Optional.of(texts);
    }

    /** A list of numbers that must be there. */
    public double[] requireDoubles(String key) {
        JsonNode list = find(key).orElseThrow(() -> missing(key));
        if (!list.isArray()) {
            throw wrong(key, list, "a list of numbers");
        }
        double[] values = new double[list.size()];
        for (int i = 0; i < values.length; i++) {
            if (!list.get(i).isNumber()) {
                throw wrong(key, list.get(i), "a number");
            }
            values[i] = list.get(i).doubleValue();
        }
        return values;
    }

    /** The error for a setting that is understood but not supported. */
    public AlignException unsupported(String key, Object found, String supported) {
        return AlignException.badInput(
                where + ": \"" + key + "\" is " + found + ", which is not supported; supported: " + supported);
    }

    public AlignException invalid(String message) {
        return AlignException.badInput(where + ": " + message);
    }

    private AlignException missing(String key) {
        return AlignException.badInput(where + " has no \"" + key
                + "\", which this architecture needs; take the config.json that belongs to the weights");
    }

    private AlignException wrong(String key, JsonNode found, String expected) {
        return AlignException.badInput(where + ": \"" + key + "\" is " + found + ", expected " + expected);
    }
}
