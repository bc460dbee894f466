package org.align4j.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;

/** Typed access to the keys of a GGUF file, with errors that name the file, the key and what was found. */
public final class GgufMetadata {
    private final Map<String, Object> values;
    private final String where;

    /** @param values see {@link GgufCursor#value} */
    GgufMetadata(Map<String, Object> values, String where) {
        this.values = new LinkedHashMap<>(values);
        this.where = where;
    }

    /** What to call the file in messages. */
    String where() {
        return where;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    String requireString(String key) {
        return getString(key).orElseThrow(() -> missing(key));
    }

    Optional<String> getString(String key) {
        return get(key, String.class, "a text");
    }

    boolean getBoolean(String key, boolean fallback) {
        return get(key, Boolean.class, "true or false").orElse(fallback);
    }

    /** A number above 0. */
    int requireInt(String key) {
        int value = getInt(key).orElseThrow(() -> missing(key));
        if (value == 0) {
            throw wrong(key, 0, "a number above 0");
        }
        return value;
    }

    /** A number from 0 to what an int holds. */
    Optional<Integer> getInt(String key) {
        Optional<Long> value = get(key, Long.class, "one whole number");
        if (value.isPresent() && (value.get() < 0 || value.get() > Integer.MAX_VALUE)) {
            throw wrong(key, value.get(), "a whole number from 0 to " + Integer.MAX_VALUE);
        }
        return value.map(Long::intValue);
    }

    /** A finite number; a float32 becomes the shortest decimal that is rounded to it: 1e-5, not 9.99999974e-6. */
    Optional<Double> getDouble(String key) {
        Optional<Number> value = get(key, Number.class, "a number");
        if (value.isPresent() && !Double.isFinite(value.get().doubleValue())) {
            throw wrong(key, value.get(), "a finite number");
        }
        return value.map(number -> Double.valueOf(number.toString()));
    }

    double requireDouble(String key) {
        return getDouble(key).orElseThrow(() -> missing(key));
    }

    /** A list whose elements are all of a type. */
    <T> Optional<List<T>> getList(String key, Class<T> type, String expected) {
        Optional<List<?>> found = Optional.empty();
        if (values.containsKey(key)) {
            if (!(values.get(key) instanceof List<?> list)) {
                throw wrong(key, values.get(key), "a list of " + expected);
            }
            found = Optional.of(list);
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        List<T> typed = new ArrayList<>(found.get().size());
        for (Object element : found.get()) {
            if (!type.isInstance(element)) {
                throw wrong(key, element, "a list of " + expected);
            }
            typed.add(type.cast(element));
        }
        return Optional.of(typed);
    }

    <T> List<T> requireList(String key, Class<T> type, String expected) {
        return getList(key, type, expected).orElseThrow(() -> missing(key));
    }

    private <T> Optional<T> get(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        if (value != null && !type.isInstance(value)) {
            throw wrong(key, value instanceof List<?> ? "a list" : value, expected);
        }
        return Optional.ofNullable(type.cast(value));
    }

    /** The error for a value that is understood but not supported. */
    AlignException unsupported(String key, Object found, String remedy) {
        return Damage.unsupported(where, key + " is " + Damage.quoted(found) + ", which is not supported", remedy);
    }

    AlignException invalid(String what) {
        return Damage.of(where, what);
    }

    private AlignException missing(String key) {
        return Damage.unsupported(
                where, "has no key " + key, "expected it of a model; convert the model with a current llama.cpp");
    }

    private AlignException wrong(String key, Object found, String expected) {
        return Damage.of(where, key + " is " + Damage.quoted(found) + ", expected " + expected);
    }
}
