package org.align4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The texts of one rendering that count as HTML, which {@code safe} and {@code escape} make: what is put together with one
 * becomes HTML too, and is escaped first. Chat templates have no use for that, but some say {@code safe}, and get
 * {@code &#34;} for the quotes of what they add to it. As markupsafe 3, except that {@code repr} does not tell the
 * difference.
 *
 * <p>Such a text is an ordinary string, known by its identity, so that nothing else needs to know of it.
 */
final class Markup {
    /** Filters that leave HTML what it is; the others make plain text. */
    private static final Set<String> KEEPING = Set.of(
            "string",
            "upper",
            "lower",
            "capitalize",
            "trim",
            "center",
            "truncate",
            "indent",
            "reverse",
            "last",
            "format");

    /** What remembering a text costs: at most a million are remembered by default. */
    private static final int COST = 50;

    private final Budget budget;
    private final Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());

    Markup(Budget budget) {
        this.budget = budget;
    }

    boolean is(Object value) {
        return known.contains(value);
    }

    /** The text as HTML, unchanged. */
    String mark(String text) {
        budget.spend(COST);
        String marked = new String(text); // one of its own
        known.add(marked);
        return marked;
    }

    /** The value as HTML; what is HTML already is not escaped again. */
    String escape(Object value) {
        return is(value) ? (String) value : forceEscape(value);
    }

    String forceEscape(Object value) {
        String escaped = Text.str(value)
                .replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
        budget.text(escaped.length());
        return mark(escaped);
    }

    /** What came of a text by an operation that keeps HTML what it is, texts in lists included. */
    Object keep(Object text, Object result) {
        if (!is(text)) {
            return result;
        }
        if (result instanceof List<?> parts) {
            List<Object> kept = new ArrayList<>();
            parts.forEach(part -> kept.add(keep(text, part)));
            return parts instanceof Tuple ? new Tuple(kept) : kept;
        }
        return result instanceof String made ? mark(made) : result;
    }

    Object filtered(String filter, Object value, Object result) {
        return KEEPING.contains(filter) ? keep(value, result) : result;
    }

    /** The arguments of a method of a text, escaped where what it makes of HTML is to be HTML. */
    Arguments arguments(String text, String method, Arguments given) {
        List<Object> positional = given.positional();
        if (!is(text)) {
            return given;
        } else if (method.equals("format")) {
            return new Arguments(operands(positional), operands(given.named()));
        } else if (method.equals("join") && positional.size() == 1) {
            List<Object> parts = Values.list(budget, positional.get(0));
            parts.replaceAll(this::escape);
            return new Arguments(List.of(parts), given.named());
        } else if (method.equals("replace") && positional.size() > 1) {
            List<Object> escaped = new ArrayList<>(positional);
            escaped.set(1, escape(positional.get(1)));
            return new Arguments(escaped, given.named());
        }
        return given;
    }

    /** The right side of {@code format % values}. */
    Object operands(String format, Object values) {
        if (!is(format)) {
            return values;
        }
        return values instanceof Tuple tuple
                ? new Tuple(operands(tuple))
                : values instanceof Map<?, ?> map ? operands(map) : operand(values);
    }

    private List<Object> operands(List<?> values) {
        List<Object> escaped = new ArrayList<>(values.size());
        values.forEach(value -> escaped.add(operand(value)));
        return escaped;
    }

    private <K> Map<K, Object> operands(Map<K, ?> values) {
        Map<K, Object> escaped = new LinkedHashMap<>();
        values.forEach((name, value) -> escaped.put(name, operand(value)));
        return escaped;
    }

    private Object operand(Object value) {
        return Values.isNumber(value) ? value : escape(value);
    }
}
