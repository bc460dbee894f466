package org.align4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code map}, {@code select}, {@code reject}, {@code selectattr} and {@code rejectattr}. */
final class SelectFilters {
    private SelectFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("map", SelectFilters::map);
        filters.put("select", (render, value, arguments) -> select(render, value, arguments, true, false));
        filters.put("reject", (render, value, arguments) -> select(render, value, arguments, false, false));
        filters.put("selectattr", (render, value, arguments) -> select(render, value, arguments, true, true));
        filters.put("rejectattr", (render, value, arguments) -> select(render, value, arguments, false, true));
    }

    private static Object map(Render render, Object value, Arguments arguments) {
        List<Object> result = new ArrayList<>();
        if (!Values.truth(value)) {
            return new Generator(result);
        }
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Object[] given = arguments.bind("map", 0, "attribute", "default");
            Object fallback = Arguments.or(given[1], null);
            for (Object element : Values.list(render.budget(), value)) {
                Object found = SequenceFilters.path(render, element, given[0]);
                result.add(found instanceof Undefined && fallback != null ? fallback : found);
            }
            return new Generator(result);
        }
        if (arguments.positional().isEmpty()) {
            throw new EvalError("map requires a filter argument");
        }
        String name = Text.str(arguments.positional().get(0));
        Arguments rest = arguments.skip(1);
        for (Object element : Values.list(render.budget(), value)) {
            render.budget().enter();
            result.add(Filters.apply(render, name, element, rest));
            render.budget().leave();
        }
        return new Generator(result);
    }

    private static Object select(
            Render render, Object value, Arguments arguments, boolean wanted, boolean byAttribute) {
        List<Object> result = new ArrayList<>();
        if (!Values.truth(value)) {
            return new Generator(result);
        }
        List<Object> given = arguments.positional();
        int used = byAttribute ? 1 : 0;
        if (given.size() < used) {
            throw new EvalError("Missing parameter for attribute name");
        }
        String test = given.size() > used ? Text.str(given.get(used)) : null;
        Arguments rest = test == null ? Arguments.NONE : arguments.skip(used + 1);
        for (Object element : Values.list(render.budget(), value)) {
            Object tested = byAttribute ? SequenceFilters.path(render, element, given.get(0)) : element;
            boolean holds = test == null ? Values.truth(tested) : Tests.apply(render, test, tested, rest);
            if (holds == wanted) {
                result.add(element);
            }
        }
        return new Generator(result);
    }
}
