package org.align4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code value.name}, {@code value[key]} and {@code value[from:to:step]}. An attribute is looked for before a key with
 * {@code .}, and after it with {@code []}; what is not there is undefined, which only then is an error when it is used.
 */
final class Lookup {
    private static final Set<String> CHANGES_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> CHANGES_LIST =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

    private Lookup() {}

    static Object attribute(Object value, String name) {
        Object attribute = own(value, name);
        if (attribute != Arguments.MISSING) {
            return attribute;
        }
        return value instanceof Map<?, ?> map && map.containsKey(name)
                ? map.get(name)
                : Undefined.attribute(value, name);
    }

    static Object item(Budget budget, Object value, Object key) {
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (value instanceof Map<?, ?> map) {
            boolean canBeKey = !(key instanceof List) && !(key instanceof Map);
            if (canBeKey || key instanceof Tuple) {
                Object wanted = Values.key(key);
                if (map.containsKey(wanted)) {
                    return map.get(wanted);
                }
            }
        } else if (Values.isInteger(key)) {
            int index = Values.index(key);
            if (value instanceof List<?> list) {
                int at = index < 0 ? index + list.size() : index;
                if (at >= 0 && at < list.size()) {
                    return list.get(at);
                }
            } else if (value instanceof String text) {
                budget.spend(text.length() / 16);
                int length = Chars.length(text);
                int at = index < 0 ? index + length : index;
                if (at >= 0 && at < length) {
                    return Character.toString(text.codePointAt(Chars.offset(text, at)));
                }
            }
        }
        if (key instanceof String name) {
            Object attribute = own(value, name);
            if (attribute != Arguments.MISSING) {
                return attribute;
            }
        }
        return Undefined.element(value, key);
    }

    /** The attribute that the value's type has, or {@link Arguments#MISSING}. */
    static Object own(Object value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (name.startsWith("__") && name.endsWith("__") && name.length() > 4) {
            return value instanceof Map<?, ?> map && map.containsKey(name)
                    ? Arguments.MISSING
                    : Undefined.unsafe(value, name);
        }
        if (value instanceof Attributes attributes) {
            Object attribute = attributes.attribute(name);
            if (attribute != Arguments.MISSING) {
                return attribute;
            }
        }
        Callable method = null;
        if (value instanceof String text) {
            method = StringMethods.find(text, name);
        } else if (value instanceof Map<?, ?> map) {
            if (CHANGES_DICT.contains(name)) {
                return Undefined.unsafe(value, name);
            }
            method = CollectionMethods.ofDict(map, name);
        } else if (value instanceof List<?> list) {
            if (!(value instanceof Tuple) && !(value instanceof Range) && CHANGES_LIST.contains(name)) {
                return Undefined.unsafe(value, name);
            }
            method = CollectionMethods.ofList(list, name);
        }
        return method == null ? Arguments.MISSING : method;
    }

    /** Python's slice; a bound that is null is not given. */
    static Object slice(Budget budget, Object value, Object from, Object to, Object by) {
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (!(value instanceof String) && !(value instanceof List)) {
            throw new EvalError(
                    value instanceof Map
                            ? "unhashable type: 'slice'"
                            : "'" + Values.typeName(value) + "' object is not subscriptable");
        }
        budget.size(value);
        int length = Values.length(value);
        long step = by == null ? 1 : Values.index(by);
        if (step == 0) {
            throw new EvalError("slice step cannot be zero");
        }
        long start = bound(from, length, step, step > 0 ? 0 : length - 1);
        long stop = bound(to, length, step, step > 0 ? length : -1);
        if (value instanceof String text) {
            if (step == 1) {
                return start >= stop
                        ? ""
                        : text.substring(Chars.offset(text, (int) start), Chars.offset(text, (int) stop));
            }
            int[] codePoints = text.codePoints().toArray();
            StringBuilder result = new StringBuilder();
            for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
                result.appendCodePoint(codePoints[(int) i]);
            }
            return result.toString();
        }
        List<?> list = (List<?>) value;
        List<Object> result = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            result.add(list.get((int) i));
        }
        return value instanceof Tuple ? new Tuple(result) : result;
    }

    private static long bound(Object given, int length, long step, long absent) {
        if (given == null) {
            return absent;
        }
        long index = Values.index(given);
        if (index < 0) {
            return Math.max(index + length, step > 0 ? 0 : -1);
        }
        return Math.min(index, step > 0 ? length : length - 1);
    }
}
