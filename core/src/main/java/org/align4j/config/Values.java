package org.align4j.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.align4j.AlignException;

/** Texts as values of the types that configuration records use. */
final class Values {
    private Values() {}

    /** What a user may write for a component, in words. */
    static String describe(RecordComponent component) {
        Class<?> type = valueType(component);
        if (type == int.class || type == Integer.class || type == long.class) {
            return "whole number";
        }
        if (type == double.class || type == Double.class) {
            return "number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Path.class) {
            Key key = component.getAnnotation(Key.class);
            String one = key == null || key.hub() == HubUse.NONE ? "path" : "path or hub:NAME";
            return component.getType() == List.class ? one + ", or several with commas" : one;
        }
        return type.isEnum() ? String.join(", ", constants(type)) : "text";
    }

    /** The type inside an Optional or a List, or the type itself. */
    private static Class<?> valueType(RecordComponent component) {
        if (component.getGenericType() instanceof ParameterizedType generic) {
            return (Class<?>) generic.getActualTypeArguments()[0];
        }
        return component.getType();
    }

    private static List<String> constants(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            names.add(((Enum<?>) constant).name().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    static Object parse(String key, RecordComponent component, String text, String origin, boolean isDefault) {
        boolean optional = component.getType() == Optional.class;
        if (optional && isDefault) {
            return Optional.empty();
        }
        if (component.getType() == List.class) {
            return isDefault && text.isEmpty() ? List.of() : list(key, component, text, origin);
        }
        Object value = parse(valueType(component), text);
        if (value == null) {
            throw AlignException.usage(origin + ": " + key + " is \"" + text + "\", expected " + describe(component));
        }
        return optional ? Optional.of(value) : value;
    }

    private static List<Object> list(String key, RecordComponent component, String text, String origin) {
        List<Object> values = new ArrayList<>();
        for (String part : Commas.split(text)) {
            Object value = parse(valueType(component), part);
            if (value == null) {
                throw AlignException.usage(
                        origin + ": " + key + " is \"" + text + "\", expected " + describe(component));
            }
            values.add(value);
        }
        return List.copyOf(values);
    }

    /** Null where the text is no such value. */
    private static Object parse(Class<?> type, String text) {
        try {
            if (type == int.class || type == Integer.class) {
                return Integer.valueOf(text);
            }
            if (type == long.class) {
                return Long.valueOf(text);
            }
            if (type == double.class || type == Double.class) {
                double number = Double.parseDouble(text);
                boolean digitsOnly = text.matches("[-+0-9.eE]+"); // not 1d, 0x1p3, NaN
                return digitsOnly ? (Object) number : null;
            }
        } catch (NumberFormatException e) {
            return null;
        }
        if (type == boolean.class) {
            return text.equalsIgnoreCase("true") ? Boolean.TRUE : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
        }
        if (type == Path.class) {
            try {
                return text.isEmpty() ? null : Path.of(text);
            } catch (InvalidPathException e) {
                return null;
            }
        }
        if (type.isEnum()) {
            String wanted = text.replace('-', '_');
            for (Object constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equalsIgnoreCase(wanted)) {
                    return constant;
                }
            }
            return null;
        }
        return text;
    }
}
