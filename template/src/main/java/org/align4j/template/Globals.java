package org.align4j.template;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The names that every template sees. */
final class Globals {
    private static final Map<String, Object> ALL = Map.of(
            "range", (Callable) Globals::range,
            "namespace", (Callable) Globals::namespace,
            "dict", new Dict(),
            "raise_exception", (Callable) Globals::raise,
            "strftime_now", (Callable) Globals::strftimeNow,
            "joiner", (Callable) Globals::joiner,
            "cycler", (Callable) (render, arguments) -> new Cycler(arguments.positional()));

    private Globals() {}

    /** The value of a global name, or null if there is none. */
    static Object find(String name) {
        return ALL.get(name);
    }

    private static Object range(Render render, Arguments arguments) {
        Object[] given = arguments.positional("range", 1, 3);
        boolean single = given[1] == Arguments.MISSING;
        long start = single ? 0 : Values.index(given[0]);
        long stop = Values.index(single ? given[0] : given[1]);
        return new Range(start, stop, Values.index(Arguments.or(given[2], 1L)));
    }

    private static Object namespace(Render render, Arguments arguments) {
        Namespace namespace = new Namespace();
        dict(render, arguments).forEach((name, value) -> namespace.set(Text.str(name), value));
        return namespace;
    }

    /** {@code dict}: of a mapping or pairs, and of names. */
    private static Map<Object, Object> dict(Render render, Arguments arguments) {
        Object[] given = new Arguments(arguments.positional(), Map.of()).positional("dict", 0, 1);
        Map<Object, Object> result = new LinkedHashMap<>();
        if (given[0] instanceof Map<?, ?> map) {
            render.budget().list(map.size());
            result.putAll(map);
        } else if (given[0] instanceof Undefined undefined) {
            throw undefined.fail();
        } else if (given[0] != Arguments.MISSING) {
            Iterator<?> pairs = Values.iterate(given[0]);
            while (pairs.hasNext()) {
                List<Object> pair = Values.list(render.budget(), pairs.next());
                if (pair.size() != 2) {
                    throw new EvalError("dict() needs pairs, got a sequence of length " + pair.size());
                }
                result.put(Values.key(pair.get(0)), pair.get(1));
            }
        }
        result.putAll(arguments.named());
        return result;
    }

    private static final class Dict implements Callable, Attributes {
        @Override
        public Object call(Render render, Arguments arguments) {
            return dict(render, arguments);
        }

        @Override
        public Object attribute(String name) {
            return name.equals("fromkeys") ? (Callable) CollectionMethods::fromKeys : Arguments.MISSING;
        }
    }

    private static Object raise(Render render, Arguments arguments) {
        throw new EvalError(Text.str(arguments.bind("raise_exception", 1, "message")[0]), true);
    }

    private static Object strftimeNow(Render render, Arguments arguments) {
        String format = StringMethods.string("strftime_now", arguments.bind("strftime_now", 1, "format")[0]);
        render.budget().text(format.length() * 12L); // %c becomes 24 characters
        return Strftime.format(format, LocalDateTime.now(render.options().clock()));
    }

    private static Object joiner(Render render, Arguments arguments) {
        Object separator = Arguments.or(arguments.bind("joiner", 0, "sep")[0], ", ");
        boolean[] used = {false};
        return (Callable) (again, none) -> {
            boolean first = !used[0];
            used[0] = true;
            return first ? "" : separator;
        };
    }

    /** {@code cycler(a, b)}. */
    private static final class Cycler implements Attributes {
        private final List<Object> items;
        private int at;

        Cycler(List<Object> items) {
            if (items.isEmpty()) {
                throw new EvalError("at least one item has to be provided");
            }
            this.items = Arrays.asList(items.toArray());
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "current" -> items.get(at);
                case "next" ->
                    (Callable) (render, arguments) -> {
                        Object item = items.get(at);
                        at = (at + 1) % items.size();
                        return item;
                    };
                case "reset" ->
                    (Callable) (render, arguments) -> {
                        at = 0;
                        return null;
                    };
                default -> Arguments.MISSING;
            };
        }
    }
}
