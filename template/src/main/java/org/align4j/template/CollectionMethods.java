package org.align4j.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The methods of dicts and lists that change nothing. */
final class CollectionMethods {
    private CollectionMethods() {}

    /** The method, bound to its dict, or null if dicts have none of this name. */
    static Callable ofDict(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" ->
                (render, arguments) -> {
                    Object[] given = arguments.positional(name, 1, 2);
                    Object key = Values.key(given[0]);
                    return map.containsKey(key) ? map.get(key) : Arguments.or(given[1], null);
                };
            case "items" -> view(name, () -> DictView.items(map), map);
            case "keys" -> view(name, () -> DictView.keys(map), map);
            case "values" -> view(name, () -> DictView.values(map), map);
            case "copy" -> view(name, () -> new LinkedHashMap<>(map), map);
            case "fromkeys" -> (render, arguments) -> fromKeys(render, arguments);
            default -> null;
        };
    }

    private static Callable view(String name, Supplier<Object> maker, Map<?, ?> map) {
        return (render, arguments) -> {
            arguments.positional(name, 0, 0);
            render.budget().list(map.size());
            return maker.get();
        };
    }

    /** {@code dict.fromkeys}. */
    static Object fromKeys(Render render, Arguments arguments) {
        Object[] given = arguments.positional("fromkeys", 1, 2);
        Map<Object, Object> result = new LinkedHashMap<>();
        for (Object key : Values.list(render.budget(), given[0])) {
            result.put(Values.key(key), Arguments.or(given[1], null));
        }
        return result;
    }

    /** The method, bound to its list or tuple, or null if those have none of this name. */
    static Callable ofList(List<?> list, String name) {
        return switch (name) {
            case "count" ->
                (render, arguments) -> {
                    Object wanted = arguments.positional(name, 1, 1)[0];
                    long count = 0;
                    for (Object element : list) {
                        count += Values.equal(render.budget(), element, wanted) ? 1 : 0;
                    }
                    return count;
                };
            case "index" ->
                (render, arguments) -> {
                    Object[] given = arguments.positional(name, 1, 3);
                    int from = bound(Arguments.or(given[1], 0L), list.size());
                    int to = bound(Arguments.or(given[2], (long) list.size()), list.size());
                    for (int i = from; i < to; i++) {
                        if (Values.equal(render.budget(), list.get(i), given[0])) {
                            return (long) i;
                        }
                    }
                    throw new EvalError(Text.repr(given[0]) + " is not in the " + Values.typeName(list));
                };
            case "copy" ->
                list instanceof Tuple || list instanceof Range
                        ? null
                        : (render, arguments) -> {
                            arguments.positional(name, 0, 0);
                            return Collections.unmodifiableList(Values.list(render.budget(), list));
                        };
            default -> null;
        };
    }

    private static int bound(Object value, int size) {
        long index = Values.index(value);
        return (int) Math.max(0, Math.min(size, index < 0 ? index + size : index));
    }
}
