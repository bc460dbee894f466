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
import java.util.Set;
import java.util.stream.Collectors;
import org.align4j.AlignException;

/**
 * The keys of a configuration record: reads settings into it and writes it back as settings. Ranges are the business of
 * the record's constructor.
 *
 * @param <T> a record whose components all carry {@link Key}, or {@link Keys} if they are such records themselves
 */
public final class ConfigSchema<T extends Record> {

    /**
     * One key.
     *
     * @param type what a user may write, in words
     * @param defaultText the default as a user would write it, empty if there is none
     * @param list whether it has several values, with commas between
     * @param fixed whether no other value than the default goes
     */
    public record KeyInfo(
            String name,
            String type,
            String defaultText,
            String doc,
            boolean required,
            boolean flag,
            boolean repeatable,
            boolean list,
            boolean fixed) {
        /** The key as an option: {@code --learning-rate}. */
        public String option() {
            return "--" + name.replace('_', '-');
        }
    }

    /** A component with the default that it has here. */
    private record Entry(RecordComponent component, Key key, String defaultText) {}

    private final Class<T> type;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private final Set<String> fixed;
    private final String advice;

    public ConfigSchema(Class<T> type) {
        this.type = type;
        this.fixed = Set.of();
        this.advice = "";
        addAll(type, Map.of());
    }

    private ConfigSchema(ConfigSchema<T> of, Map<String, String> values, String advice) {
        this.type = of.type;
        this.fixed = values.keySet();
        this.advice = advice;
        of.entries.forEach((name, entry) -> entries.put(
                name, new Entry(entry.component(), entry.key(), values.getOrDefault(name, entry.defaultText()))));
        if (!entries.keySet().containsAll(fixed)) {
            throw new IllegalArgumentException(type.getSimpleName() + " lacks one of " + fixed);
        }
    }

    /**
     * The same keys for a command in which some can have one value only, and another is an error.
     *
     * @param keysAndValues each {@code key=value}, or {@code key} for its default
     * @param advice what to do instead, the end of that error
     */
    public ConfigSchema<T> fixing(String advice, String... keysAndValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String each : keysAndValues) {
            String[] parts = each.split("=", 2);
            values.put(
                    parts[0],
                    parts.length == 2 ? parts[1] : entries.get(parts[0]).defaultText());
        }
        return new ConfigSchema<>(this, values, advice);
    }

    private void addAll(Class<?> record, Map<String, String> defaults) {
        for (RecordComponent component : record.getRecordComponents()) {
            Key key = component.getAnnotation(Key.class);
            Keys keys = component.getAnnotation(Keys.class);
            String name = snakeCase(component.getName());
            if (keys != null) {
                addAll(component.getType(), parse(keys.defaults()));
            } else if (key == null) {
                throw new IllegalArgumentException(record.getSimpleName() + "." + component.getName() + " has no @Key");
            } else if (entries.put(name, new Entry(component, key, defaults.getOrDefault(name, key.value()))) != null) {
                throw new IllegalArgumentException(type.getSimpleName() + " has the key " + name + " twice");
            }
        }
        if (!entries.keySet().containsAll(defaults.keySet())) {
            throw new IllegalArgumentException(record.getSimpleName() + " lacks one of " + defaults.keySet());
        }
    }

    private static Map<String, String> parse(String[] defaults) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String each : defaults) {
            String[] parts = each.split("=", 2);
            values.put(parts[0], parts[1]);
        }
        return values;
    }

    /** A digit begins a word where letters follow it: load_in_4bit, but adam_beta1. */
    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("[A-Z]|[0-9](?=[a-z])", "_$0").toLowerCase(Locale.ROOT);
    }

    /** All keys, in the order of the record. */
    public List<KeyInfo> keys() {
        List<KeyInfo> keys = new ArrayList<>();
        entries.forEach((name, entry) -> keys.add(new KeyInfo(
                name,
                Values.describe(entry.component()),
                entry.defaultText(),
                entry.key().doc(),
                entry.key().required(),
                entry.component().getType() == boolean.class,
                entry.key().repeatable(),
                entry.component().getType() == List.class,
                fixed.contains(name))));
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
            if (!entries.containsKey(name)) {
                throw unknown(key, setting.origin());
            }
            if (byKey.put(name, setting) != null) {
                throw AlignException.usage(setting.origin() + ": " + name + " is given twice; leave one out");
            }
        });
        byKey.forEach(this::requireFixed);
        List<String> missing = new ArrayList<>();
        entries.forEach((name, entry) -> {
            if (entry.key().required() && !byKey.containsKey(name)) {
                missing.add("--" + name.replace('_', '-'));
            }
        });
        if (!missing.isEmpty()) {
            List<String> given = byKey.keySet().stream()
                    .map(name -> "--" + name.replace('_', '-'))
                    .toList();
            throw AlignException.usage("missing %s; got %s, see --help"
                    .formatted(String.join(", ", missing), given.isEmpty() ? "no options" : String.join(", ", given)));
        }
        T config = construct(type, byKey);
        if (config instanceof Checked checked) {
            checked.check();
        }
        return config;
    }

    /**
     * Refuses options that have no effect for want of another key.
     *
     * @param options what was given by the user's own hand, by key
     */
    public void requireEffect(T config, Map<String, Setting> options) {
        Map<String, Object> values = toMap(config);
        options.forEach((name, setting) -> {
            String needed = entries.get(name).key().needs();
            boolean there = needed.isEmpty() || !Boolean.FALSE.equals(values.getOrDefault(needed, false));
            if (!there && !setting.value().isEmpty() && !setting.value().equals("false")) {
                throw AlignException.usage("%s is given without %s and has no effect; add --%s, or leave it out"
                        .formatted(setting.origin(), needed, needed.replace('_', '-')));
            }
        });
    }

    /** A key that has one value here may be given with that value, as the configuration of a run gives it. */
    private void requireFixed(String name, Setting setting) {
        if (!fixed.contains(name)) {
            return;
        }
        Entry entry = entries.get(name);
        Object given = Values.parse(name, entry.component(), setting.value(), setting.origin(), false);
        if (!given.equals(Values.parse(name, entry.component(), entry.defaultText(), "default", true))) {
            throw AlignException.usage(
                    setting.origin() + ": " + name + " is " + setting.value() + ", which does not go here; " + advice);
        }
    }

    private <R> R construct(Class<R> record, Map<String, Setting> settings) {
        RecordComponent[] components = record.getRecordComponents();
        Object[] arguments = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            arguments[i] = components[i].isAnnotationPresent(Keys.class)
                    ? construct(types[i], settings)
                    : value(snakeCase(components[i].getName()), settings);
        }
        return construct(record, types, arguments);
    }

    private static <R> R construct(Class<R> record, Class<?>[] types, Object[] arguments) {
        try {
            return record.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof AlignException mistake) {
                throw mistake;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object value(String name, Map<String, Setting> settings) {
        Entry entry = entries.get(name);
        Setting setting = settings.get(name);
        return setting == null
                ? Values.parse(name, entry.component(), entry.defaultText(), "default", true)
                : Values.parse(name, entry.component(), setting.value(), setting.origin(), false);
    }

    /** What to put in the place of a path. */
    public interface PathChange {
        Path of(String key, HubUse hub, Path path);
    }

    /** The same configuration with other paths. */
    public T withPaths(T config, PathChange change) {
        return withPaths(type, config, change);
    }

    private static <R> R withPaths(Class<R> record, Object config, PathChange change) {
        RecordComponent[] components = record.getRecordComponents();
        Object[] arguments = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = snakeCase(components[i].getName());
            Object value = get(components[i], config);
            types[i] = components[i].getType();
            arguments[i] = value;
            if (components[i].isAnnotationPresent(Keys.class)) {
                arguments[i] = withPaths(types[i], value, change);
            } else if (value instanceof Path path) {
                arguments[i] =
                        change.of(name, components[i].getAnnotation(Key.class).hub(), path);
            } else if (value instanceof List<?> list) {
                HubUse hub = components[i].getAnnotation(Key.class).hub();
                arguments[i] = list.stream()
                        .map(path -> change.of(name, hub, (Path) path))
                        .toList();
            } else if (value instanceof Optional<?> optional && optional.orElse(null) instanceof Path path) {
                arguments[i] = Optional.of(
                        change.of(name, components[i].getAnnotation(Key.class).hub(), path));
            }
        }
        return construct(record, types, arguments);
    }

    /**
     * The error for a key that does not exist, with the nearest that do: spelled as options where it came as one.
     *
     * @param origin of the key; an option itself begins with two hyphens
     */
    public AlignException unknown(String key, String origin) {
        boolean option = origin.startsWith("--");
        List<String> near = EditDistance.nearestFew(
                key.replace('-', '_'),
                entries.keySet().stream().filter(name -> !fixed.contains(name)).toList());
        String names = near.stream()
                .map(name -> option ? "--" + name.replace('_', '-') : name)
                .collect(Collectors.joining(" or "));
        return AlignException.usage((option ? origin + ": unknown option" : origin + ": unknown key " + key) + "; "
                + (near.isEmpty() ? "" : "did you mean " + names + "? ") + "--help lists all");
    }

    /** All keys with their values as a user would write them, in order; absent ones are left out. */
    public Map<String, Object> toMap(T config) {
        Map<String, Object> map = new LinkedHashMap<>();
        put(config, map);
        return map;
    }

    private static Object get(RecordComponent component, Object config) {
        try {
            return component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void put(Record config, Map<String, Object> map) {
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            Object value = get(component, config);
            if (component.isAnnotationPresent(Keys.class)) {
                put((Record) value, map);
                continue;
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
            if (value instanceof List<?> list) {
                value = list.isEmpty()
                        ? null
                        : list.stream().map(String::valueOf).collect(Collectors.joining(","));
            }
            if (value != null) {
                map.put(snakeCase(component.getName()), value);
            }
        }
    }
}
