package org.align4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters of lists: what they hold, in which order, how many. */
final class SequenceFilters {
    private SequenceFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("list", (render, value, arguments) -> {
            arguments.positional("list", 0, 0);
            return values(render, value);
        });
        filters.put("first", SequenceFilters::first);
        filters.put("last", SequenceFilters::last);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("join", SequenceFilters::join);
        filters.put("items", SequenceFilters::items);
        filters.put("dictsort", SequenceFilters::sortDict);
        filters.put("sort", SequenceFilters::sort);
        filters.put("unique", SequenceFilters::unique);
        filters.put("min", (render, value, arguments) -> extreme(render, value, arguments, "<"));
        filters.put("max", (render, value, arguments) -> extreme(render, value, arguments, ">"));
        filters.put("sum", SequenceFilters::sum);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
        filters.put("groupby", SequenceFilters::groupBy);
    }

    private static List<Object> values(Render render, Object iterable) {
        return Values.list(render.budget(), iterable);
    }

    private static Object length(Render render, Object value, Arguments arguments) {
        arguments.positional("length", 0, 0);
        return (long) Values.length(value);
    }

    private static Object first(Render render, Object value, Arguments arguments) {
        arguments.positional("first", 0, 0);
        if (value instanceof String text && !text.isEmpty()) {
            return Character.toString(text.codePointAt(0));
        }
        Iterator<?> values = Values.iterate(value);
        return values.hasNext() ? values.next() : new Undefined("No first item, sequence was empty.");
    }

    private static Object last(Render render, Object value, Arguments arguments) {
        arguments.positional("last", 0, 0);
        if (!Values.hasLength(value)) {
            throw new EvalError("'" + Values.typeName(value) + "' object is not reversible");
        }
        List<Object> values = values(render, value);
        return values.isEmpty() ? new Undefined("No last item, sequence was empty.") : values.get(values.size() - 1);
    }

    private static Object reverse(Render render, Object value, Arguments arguments) {
        arguments.positional("reverse", 0, 0);
        if (value instanceof String text) {
            return Lookup.slice(render.budget(), text, null, null, -1L);
        }
        List<Object> values = values(render, value);
        Collections.reverse(values);
        return value instanceof Generator ? values : new Generator(values);
    }

    private static Object join(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("join", 0, "d", "attribute");
        Object attribute = Arguments.or(given[1], null);
        List<String> parts = new ArrayList<>();
        for (Object element : values(render, value)) {
            Object part = attribute == null ? element : path(render, element, attribute);
            String text = Text.str(part);
            render.budget().spend(part instanceof String ? 0 : text.length());
            parts.add(text);
        }
        return StringMethods.join(render, Text.str(Arguments.or(given[0], "")), parts);
    }

    private static Object items(Render render, Object value, Arguments arguments) {
        arguments.positional("items", 0, 0);
        if (value instanceof Undefined) {
            return new Generator(List.of());
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new EvalError("Can only get item pairs from a mapping.");
        }
        render.budget().list(map.size());
        return new Generator(DictView.items(map).elements());
    }

    /** {@code value.a.b.0}, for the filters that take attributes by name. */
    static Object path(Render render, Object value, Object attribute) {
        if (!(attribute instanceof String path)) {
            return attribute == null ? value : Lookup.item(render.budget(), value, attribute);
        }
        Object result = value;
        for (Object part : Splitting.parts(render, path, ".", Long.MAX_VALUE)) {
            String name = (String) part;
            boolean index = !name.isEmpty() && FormatSpec.digits(name, 0) == name.length();
            result = Lookup.item(render.budget(), result, index ? Numbers.parseInteger(name, 10) : name);
        }
        return result;
    }

    private static Object key(Render render, Object value, Object attribute, Object caseSensitive) {
        Object key = path(render, value, attribute);
        return key instanceof String text && !Values.truth(caseSensitive) ? Letters.lower(text) : key;
    }

    private static List<Integer> order(Render render, List<Object> keys, boolean reverse) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            order.add(reverse ? keys.size() - 1 - i : i); // equal ones keep their order also in reverse
        }
        Values.sort(render.budget(), keys, order);
        if (reverse) {
            Collections.reverse(order);
        }
        return order;
    }

    private static Object sort(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        Object attribute = Arguments.or(given[2], null);
        List<Object> attributes = attribute instanceof String names
                ? Splitting.parts(render, names, ",", Long.MAX_VALUE)
                : Collections.singletonList(attribute);
        List<Object> values = values(render, value);
        List<Object> keys = new ArrayList<>();
        for (Object element : values) {
            List<Object> key = new ArrayList<>();
            for (Object each : attributes) {
                key.add(key(render, element, each, Arguments.or(given[1], false)));
            }
            keys.add(key);
        }
        List<Object> sorted = new ArrayList<>();
        for (int i : order(render, keys, Values.index(Arguments.or(given[0], false)) != 0)) {
            sorted.add(values.get(i));
        }
        return sorted;
    }

    private static Object sortDict(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        Object by = Arguments.or(given[1], "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new EvalError("You can only sort by either \"key\" or \"value\"");
        }
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new EvalError("'" + Values.typeName(value) + "' object has no attribute 'items'");
        }
        render.budget().list(map.size());
        List<Object> pairs = DictView.items(map).elements();
        List<Object> keys = new ArrayList<>();
        for (Object pair : pairs) {
            keys.add(key(render, pair, by.equals("key") ? 0L : 1L, Arguments.or(given[0], false)));
        }
        List<Object> sorted = new ArrayList<>();
        for (int i : order(render, keys, Values.index(Arguments.or(given[2], false)) != 0)) {
            sorted.add(pairs.get(i));
        }
        return sorted;
    }

    private static Object unique(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("unique", 0, "case_sensitive", "attribute");
        Set<Object> seen = new HashSet<>();
        List<Object> values = new ArrayList<>();
        for (Object element : values(render, value)) {
            Object key = key(render, element, Arguments.or(given[1], null), Arguments.or(given[0], false));
            if (seen.add(Values.key(key))) {
                values.add(element);
            }
        }
        return new Generator(values);
    }

    private static Object extreme(Render render, Object value, Arguments arguments, String operator) {
        Object[] given = arguments.bind("min and max", 0, "case_sensitive", "attribute");
        Object best = new Undefined("No aggregated item, sequence was empty.");
        Object bestKey = null;
        boolean first = true;
        for (Object element : values(render, value)) {
            Object key = key(render, element, Arguments.or(given[1], null), Arguments.or(given[0], false));
            if (first || Values.ordered(render.budget(), operator, key, bestKey)) {
                best = element;
                bestKey = key;
            }
            first = false;
        }
        return best;
    }

    private static Object sum(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("sum", 0, "attribute", "start");
        Object attribute = Arguments.or(given[0], null);
        Object sum = Arguments.or(given[1], 0L);
        if (sum instanceof String) {
            throw new EvalError("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Object element : values(render, value)) {
            sum = Operators.binary(render, "+", sum, path(render, element, attribute));
        }
        return sum;
    }

    private static Object batch(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("batch", 1, "linecount", "fill_with");
        int size = Values.index(given[0]);
        Object fill = Arguments.or(given[1], null);
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object element : values(render, value)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(element);
        }
        if (!batch.isEmpty()) {
            while (fill != null && batch.size() < size) {
                render.budget().list(1);
                batch.add(fill);
            }
            batches.add(batch);
        }
        return new Generator(batches);
    }

    private static Object slice(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("slice", 1, "slices", "fill_with");
        int slices = Values.index(given[0]);
        Object fill = Arguments.or(given[1], null);
        List<Object> values = values(render, value);
        if (slices == 0) {
            throw new EvalError("integer division or modulo by zero");
        }
        List<Object> result = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            render.budget().list(10);
            boolean extra = i < values.size() % slices;
            int to = from + values.size() / slices + (extra ? 1 : 0);
            List<Object> slice = new ArrayList<>(values.subList(from, to));
            if (fill != null && !extra) {
                slice.add(fill);
            }
            result.add(slice);
            from = to;
        }
        return new Generator(result);
    }

    private static Object groupBy(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        List<Object> values = values(render, value);
        List<Object> named = new ArrayList<>();
        List<Object> keys = new ArrayList<>();
        for (Object element : values) {
            Object name = path(render, element, given[0]);
            Object fallback = Arguments.or(given[1], null);
            name = name instanceof Undefined && fallback != null ? fallback : name;
            named.add(name);
            keys.add(key(render, name, null, Arguments.or(given[2], false)));
        }
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        Object last = null;
        for (int i : order(render, keys, false)) {
            if (group.isEmpty() || !Values.equal(render.budget(), keys.get(i), last)) {
                group = new ArrayList<>();
                groups.add(new Tuple.Group(named.get(i), group));
            }
            last = keys.get(i);
            group.add(values.get(i));
        }
        return groups;
    }
}
