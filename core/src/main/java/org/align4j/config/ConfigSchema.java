package org.align4j.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;

/**
 * The keys of a configuration record: reads settings into it and writes it back as settings. Ranges are the business of
 * the record's constructor.
 *
 * @param <T> a record whose components all carry {@link Key}
 */
public final class ConfigSchema<T extends Record> {

    /**
     * One key.
     *
     * @param type what a user may write, in words
     * @param defaultText the default as a user would write it, empty if there is none
     */
    public record KeyInfo(String name, String type, String defaultText, String doc, boolean required, boolean flag) {
        /** The key as an option: {@code --learning-rate}. */
        public String option() {
            return "--" + name.replace('_', '-');
        }
    }

    private final Class<T> type;
    private final Map<String, RecordComponent> components = new LinkedHashMap<>();

    public ConfigSchema(Class<T> type) {
        this.type = type;
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAnnotation(Key.class) == null) {
                throw new IllegalArgumentException(type.getSimpleName() + "." + component.getName() + " has no @Key");
            }
            components.put(snakeCase(component.getName()), component);
        }
    }

    private static String snakeCase(String camelCase) {
        StringBuilder name = new StringBuilder();
        for (char c : camelCase.toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('_');
            }
            name.append(Character.toLowerCase(c));
        }
        return name.toString();
    }

    /** All keys, in the order of the record. */
    public List<KeyInfo> keys() {
        List<KeyInfo> keys = new ArrayList<>();
        components.forEach((name, component) -> {
            Key key = component.getAnnotation(Key.class);
            keys.add(new KeyInfo(
                    name,
                    Values.describe(component),
                    key.value(),
                    key.doc(),
                    key.required(),
                    component.getType() == boolean.class));
        });
        return keys;
    }

    /**
     * Makes a record of settings and defaults.
     *
     * @param settings by key; {@code -} and {@code _} are the same
     * @throws AlignException naming where a setting stands, what was found and what was expected
     */
    public T read(Map<String, Setting> settings) {
        Map<String, Setting> byKey = new LinkedHashMap<>();
        settings.forEach((key, setting) -> {
            String name = key.replace('-', '_');
            if (!components.containsKey(name)) {
                throw unknown(key, setting.origin());
            }
            if (byKey.put(name, setting) != null) {
                throw AlignException.usage(setting.origin() + ": " + name + " is given twice; leave one out");
            }
        });
        List<String> missing = new ArrayList<>();
        Object[] arguments = new Object[components.size()];
        Class<?>[] types = new Class<?>[components.size()];
        int at = 0;
        for (Map.Entry<String, RecordComponent> entry : components.entrySet()) {
            Key key = entry.getValue().getAnnotation(Key.class);
            Setting setting = byKey.get(entry.getKey());
            if (setting == null && key.required()) {
                missing.add("--" + entry.getKey().replace('_', '-'));
            } else {
                String text = setting == null ? key.value() : setting.value();
                String origin = setting == null ? "default" : setting.origin();
                arguments[at] = Values.parse(entry.getKey(), entry.getValue(), text, origin, setting == null);
            }
            types[at] = entry.getValue().getType();
            at++;
        }
        if (!missing.isEmpty()) {
            throw AlignException.usage("missing " + String.join(", ", missing));
        }
        T config = construct(types, arguments);
        if (config instanceof Checked checked) {
            checked.check();
        }
        return config;
    }

    private T construct(Class<?>[] types, Object[] arguments) {
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof AlignException mistake) {
                throw mistake;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The error for a key that does not exist, with the nearest that does. */
    public AlignException unknown(String key, String origin) {
        String name = key.replace('-', '_');
        String nearest = EditDistance.nearest(name, components.keySet());
        String hint = nearest != null
                ? "did you mean " + nearest + "?"
                : "the keys are " + String.join(", ", components.keySet());
        return AlignException.usage(origin + ": unknown key " + key + "; " + hint);
    }

    /** All keys with their values as a user would write them, in order; absent ones are left out. */
    public Map<String, Object> toMap(T config) {
        Map<String, Object> map = new LinkedHashMap<>();
        components.forEach((name, component) -> {
            Object value;
            try {
                value = component.getAccessor().invoke(config);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
            if (value instanceof Optional<?> optional) {
                value = optional.orElse(null);
            }
            if (value instanceof Enum<?> constant) {
                value = constant.name().toLowerCase(Locale.ROOT);
            }
            if (value instanceof Path path) {
                value = path.toString();
            }
            if (value != null) {
                map.put(name, value);
            }
        });
        return map;
    }
}
