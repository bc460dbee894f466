package org.align4j.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Filters that make numbers. */
final class NumberFilters {
    private NumberFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("int", NumberFilters::toInteger);
        filters.put("float", NumberFilters::toFloat);
        filters.put("round", NumberFilters::round);
        filters.put("abs", NumberFilters::abs);
    }

    private static Object toInteger(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("int", 0, "default", "base");
        Object fallback = Arguments.or(given[0], 0L);
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (Values.isInteger(value)) {
            return Operators.plus(value);
        }
        if (value instanceof Double number) {
            return number.isNaN() ? fallback : Numbers.truncate(number);
        }
        if (!(value instanceof String text)) {
            return fallback;
        }
        Object integer = Numbers.parseInteger(text, Values.index(Arguments.or(given[1], 10L)));
        if (integer != null) {
            return integer;
        }
        Double number = Numbers.parseFloat(text);
        return number == null || number.isNaN() || number.isInfinite() ? fallback : Numbers.truncate(number);
    }

    private static Object toFloat(Render render, Object value, Arguments arguments) {
        Object fallback = Arguments.or(arguments.bind("float", 0, "default")[0], 0.0);
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (Values.isNumber(value)) {
            return Values.real(value);
        }
        Double number = value instanceof String text ? Numbers.parseFloat(text) : null;
        return number == null ? fallback : number;
    }

    private static Object round(Render render, Object value, Arguments arguments) {
        Object[] given = arguments.bind("round", 0, "precision", "method");
        int precision = Values.index(Arguments.or(given[0], 0L));
        Object method = Arguments.or(given[1], "common");
        if (!(method instanceof String name)
                || !name.equals("common") && !name.equals("ceil") && !name.equals("floor")) {
            throw new EvalError("method must be common, ceil or floor");
        }
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (!Values.isNumber(value)) {
            throw new EvalError("type " + Values.typeName(value) + " doesn't define __round__ method");
        }
        if (name.equals("common")) {
            if (value instanceof Double number) {
                return Numbers.round(number, precision);
            }
            if (precision >= 0) {
                return Operators.plus(value);
            }
            BigDecimal exact = new BigDecimal(Values.bigInteger(value));
            return Numbers.integer(exact.setScale(Math.max(precision, -400), RoundingMode.HALF_EVEN)
                    .toBigInteger());
        }
        Object scale = Operators.binary(render, "**", 10L, (long) precision);
        Object scaled = Operators.binary(render, "*", value, scale);
        Object whole = scaled;
        if (scaled instanceof Double number) {
            whole = Numbers.truncate(name.equals("ceil") ? Math.ceil(number) : Math.floor(number));
        }
        return Operators.binary(render, "/", whole, scale);
    }

    private static Object abs(Render render, Object value, Arguments arguments) {
        arguments.positional("abs", 0, 0);
        if (value instanceof Double number) {
            return Math.abs(number);
        }
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (!Values.isInteger(value)) {
            throw new EvalError("bad operand type for abs(): '" + Values.typeName(value) + "'");
        }
        return Numbers.integer(Values.bigInteger(value).abs());
    }
}
