package org.align4j.template;

import java.util.Map;

/** What stands after {@code is}. */
final class Tests {
    private interface Test {
        boolean test(Render render, Object value, Arguments arguments);
    }

    private interface Simple {
        boolean test(Object value);
    }

    private static final Map<String, Test> ALL = Map.ofEntries(
            simple("defined", value -> !(value instanceof Undefined)),
            simple("undefined", value -> value instanceof Undefined),
            simple("none", value -> value == null),
            simple("boolean", value -> value instanceof Boolean),
            simple("true", value -> Boolean.TRUE.equals(value)),
            simple("false", value -> Boolean.FALSE.equals(value)),
            simple("integer", value -> Values.isInteger(value) && !(value instanceof Boolean)),
            simple("float", value -> value instanceof Double),
            simple("number", Values::isNumber),
            simple("string", value -> value instanceof String),
            simple("mapping", value -> value instanceof Map),
            simple("iterable", Values::isIterable),
            simple("sequence", value -> Values.hasLength(value) && !(value instanceof DictView)),
            simple("callable", value -> value instanceof Callable || value instanceof Undefined),
            Map.entry("escaped", (render, value, arguments) -> {
                arguments.positional("escaped", 0, 0);
                return render.markup().is(value);
            }),
            simple("lower", value -> Letters.areAll(Text.str(value), true)),
            simple("upper", value -> Letters.areAll(Text.str(value), false)),
            simple("filter", value -> value instanceof String name && Filters.exists(name)),
            simple("test", value -> value instanceof String name && exists(name)),
            Map.entry("odd", (render, value, arguments) -> remainder(render, "odd", value, arguments, 2L, 1L)),
            Map.entry("even", (render, value, arguments) -> remainder(render, "even", value, arguments, 2L, 0L)),
            Map.entry("divisibleby", (render, value, arguments) -> {
                Object by = arguments.bind("divisibleby", 1, "num")[0];
                return remainder(render, "divisibleby", value, Arguments.NONE, by, 0L);
            }),
            Map.entry(
                    "sameas",
                    (render, value, arguments) -> sameAs(value, arguments.bind("sameas", 1, "other")[0])),
            Map.entry(
                    "in",
                    (render, value, arguments) ->
                            Values.contains(render.budget(), arguments.bind("in", 1, "seq")[0], value)),
            comparison("==", "=="),
            comparison("eq", "=="),
            comparison("equalto", "=="),
            comparison("!=", "!="),
            comparison("ne", "!="),
            comparison(">", ">"),
            comparison("gt", ">"),
            comparison("greaterthan", ">"),
            comparison(">=", ">="),
            comparison("ge", ">="),
            comparison("<", "<"),
            comparison("lt", "<"),
            comparison("lessthan", "<"),
            comparison("<=", "<="),
            comparison("le", "<="));

    private Tests() {}

    static boolean exists(String name) {
        return ALL.containsKey(name);
    }

    static boolean apply(Render render, String name, Object value, Arguments arguments) {
        Test test = ALL.get(name);
        if (test == null) {
            throw new EvalError("there is no test \"" + name + '"');
        }
        return test.test(render, value, arguments);
    }

    private static Map.Entry<String, Test> simple(String name, Simple test) {
        return Map.entry(name, (render, value, arguments) -> {
            arguments.positional(name, 0, 0);
            render.budget().spend(value instanceof String text ? text.length() / 64 : 0);
            return test.test(value);
        });
    }

    private static Map.Entry<String, Test> comparison(String name, String operator) {
        return Map.entry(
                name,
                (render, value, arguments) -> Expr.Compare.holds(
                        render.budget(), operator, value, arguments.positional(name, 1, 1)[0]));
    }

    private static boolean remainder(
            Render render, String name, Object value, Arguments arguments, Object by, Object expected) {
        arguments.positional(name, 0, 0);
        Object remainder = Operators.binary(render, "%", value, by);
        return Values.equal(render.budget(), remainder, expected);
    }

    /** Whether two values are one object: of small values there is only one, of lists as many as were made. */
    private static boolean sameAs(Object a, Object b) {
        boolean small = a instanceof Boolean || a instanceof Long || a instanceof String;
        return a == b || small && a.equals(b);
    }
}
