package org.align4j.template;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What stands after a bar, by name. */
final class Filters {
    /** Makes a value of a value. */
    interface Filter {
        Object apply(Render render, Object value, Arguments arguments);
    }

    private static final Map<String, Filter> ALL = new HashMap<>();

    static {
        TextFilters.addTo(ALL);
        NumberFilters.addTo(ALL);
        SequenceFilters.addTo(ALL);
        SelectFilters.addTo(ALL);
        ALL.put("tojson", Json::filter);
        ALL.put("default", Filters::orDefault);
        ALL.put("d", Filters::orDefault);
        ALL.put("attr", Filters::attribute);
    }

    private Filters() {}

    static boolean exists(String name) {
        return ALL.containsKey(name);
    }

    static Object apply(Render render, String name, Object value, Arguments arguments) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new EvalError("there is no filter \"" + name + '"');
        }
        int size = value instanceof String text
                ? text.length()
                : value instanceof Collection<?> collection ? collection.size() * 8 : 0;
        render.budget().call();
        render.budget().spend(size / 8);
        Object result = render.markup().filtered(name, value, filter.apply(render, value, arguments));
        if (result != value) {
            render.budget().size(result);
        }
        return result;
    }

    private static Object orDefault(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("default", 0, "default_value", "boolean");
        boolean missing =
                value instanceof Undefined || Values.truth(Arguments.or(given[1], false)) && !Values.truth(value);
        return missing ? Arguments.or(given[0], "") : value;
    }

    private static Object attribute(Render render, Object value, Arguments arguments) {
        String name = StringMethods.string("attr", arguments.bind("attr", 1, "name")[0]);
        Object found = value instanceof Map<?, ?> ? Lookup.own(value, name) : Lookup.attribute(value, name);
        return found == Arguments.MISSING ? Undefined.attribute(value, name) : found;
    }
}
