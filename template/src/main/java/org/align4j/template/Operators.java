package org.align4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic with Python's rules: integers of any size, {@code /} always real, {@code //} and {@code %} rounding down. */
final class Operators {
    private static final int MAX_BITS = 100_000;
    private static final double EXACT = 1L << 53;

    private Operators() {}

    static Object binary(Render render, String operator, Object a, Object b) {
        if (a instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (operator.equals("%") && a instanceof String format) {
            return render.markup()
                    .keep(
                            format,
                            PercentFormat.format(render, format, render.markup().operands(format, b)));
        }
        if (b instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (Values.isNumber(a) && Values.isNumber(b)) {
            return a instanceof Double || b instanceof Double
                    ? real(operator, Values.real(a), Values.real(b))
                    : integer(render, operator, a, b);
        }
        if (operator.equals("+")) {
            return concatenate(render, a, b);
        }
        if (operator.equals("*")) {
            if (Values.isInteger(b) && isSequence(a)) {
                return repeat(render, a, Values.index(b));
            }
            if (Values.isInteger(a) && isSequence(b)) {
                return repeat(render, b, Values.index(a));
            }
        }
        throw unsupported(operator, a, b);
    }

    private static EvalError unsupported(String operator, Object a, Object b) {
        return new EvalError("unsupported operand type(s) for " + operator + ": '" + Values.typeName(a) + "' and '"
                + Values.typeName(b) + "'");
    }

    private static boolean isSequence(Object value) {
        return value instanceof String || value instanceof List && !(value instanceof Range);
    }

    private static Object concatenate(Render render, Object a, Object b) {
        if (a instanceof String x && b instanceof String y) {
            render.budget().text((long) x.length() + y.length());
            Markup markup = render.markup();
            return markup.is(a) || markup.is(b) ? markup.mark(markup.escape(a) + markup.escape(b)) : x.concat(y);
        }
        if (a instanceof List<?> x
                && b instanceof List<?> y
                && isSequence(a)
                && Values.typeName(a).equals(Values.typeName(b))) {
            render.budget().list((long) x.size() + y.size());
            List<Object> sum = new ArrayList<>(x.size() + y.size());
            sum.addAll(x);
            sum.addAll(y);
            return a instanceof Tuple ? new Tuple(sum) : sum;
        }
        if (isSequence(a)) {
            String type = Values.typeName(a);
            throw new EvalError("can only concatenate " + type + " (not \"" + Values.typeName(b) + "\") to " + type);
        }
        throw unsupported("+", a, b);
    }

    private static Object repeat(Render render, Object value, int times) {
        int count = Math.max(times, 0);
        if (value instanceof String text) {
            render.budget().text((long) text.length() * count);
            return render.markup().keep(text, text.repeat(count));
        }
        List<?> list = (List<?>) value;
        render.budget().list((long) list.size() * count);
        List<Object> result = new ArrayList<>();
        for (int i = 0; i < count && !list.isEmpty(); i++) {
            result.addAll(list);
        }
        return value instanceof Tuple ? new Tuple(result) : result;
    }

    private static Object integer(Render render, String operator, Object a, Object b) {
        BigInteger x = Values.bigInteger(a);
        BigInteger y = Values.bigInteger(b);
        if (y.signum() == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new EvalError(operator.equals("/") ? "division by zero" : "integer division or modulo by zero");
        }
        if (x.bitLength() < 31 && y.bitLength() < 31) {
            long m = x.longValue();
            long n = y.longValue();
            switch (operator) {
                case "+":
                    return m + n;
                case "-":
                    return m - n;
                case "*":
                    return m * n;
                case "/":
                    return (double) m / n;
                case "//":
                    return Math.floorDiv(m, n);
                case "%":
                    return Math.floorMod(m, n);
                default:
                    break;
            }
        }
        render.budget().spend((x.bitLength() + 1L) * (y.bitLength() + 1L) / 1024);
        return switch (operator) {
            case "+" -> Numbers.integer(x.add(y));
            case "-" -> Numbers.integer(x.subtract(y));
            case "*" -> {
                checkBits((long) x.bitLength() + y.bitLength());
                yield Numbers.integer(x.multiply(y));
            }
            case "/" -> divide(x, y);
            case "//" -> Numbers.integer(floor(x, y)[0]);
            case "%" -> Numbers.integer(floor(x, y)[1]);
            default -> power(render, x, y);
        };
    }

    private static Object divide(BigInteger x, BigInteger y) {
        if (Math.abs(x.doubleValue()) <= EXACT && Math.abs(y.doubleValue()) <= EXACT) {
            return x.doubleValue() / y.doubleValue();
        }
        double quotient = new BigDecimal(x)
                .divide(new BigDecimal(y), new MathContext(40)) // far more digits than a double has
                .doubleValue();
        if (Double.isInfinite(quotient)) {
            throw new EvalError("integer division result too large for a float");
        }
        return quotient;
    }

    private static BigInteger[] floor(BigInteger x, BigInteger y) {
        BigInteger[] result = x.divideAndRemainder(y);
        if (result[1].signum() != 0 && result[1].signum() != y.signum()) {
            result[0] = result[0].subtract(BigInteger.ONE);
            result[1] = result[1].add(y);
        }
        return result;
    }

    private static Object power(Render render, BigInteger x, BigInteger y) {
        if (y.signum() < 0) {
            return real("**", Values.real(Numbers.integer(x)), Values.real(Numbers.integer(y)));
        }
        if (x.bitLength() <= 1 && x.abs().bitLength() <= 1) { // -1, 0 or 1
            boolean odd = y.testBit(0);
            return y.signum() == 0 ? 1L : x.signum() >= 0 || odd ? (long) x.signum() : 1L;
        }
        if (y.bitLength() > 31) {
            checkBits(Long.MAX_VALUE);
        }
        long bits = (long) x.bitLength() * y.longValue();
        checkBits(bits);
        render.budget().spend(bits / 8);
        return Numbers.integer(x.pow(y.intValue()));
    }

    private static void checkBits(long bits) {
        if (bits > MAX_BITS) {
            throw new EvalError("an integer would have more than " + MAX_BITS + " bits");
        }
    }

    private static Object real(String operator, double x, double y) {
        switch (operator) {
            case "+":
                return x + y;
            case "-":
                return x - y;
            case "*":
                return x * y;
            case "/":
                if (y == 0) {
                    throw new EvalError("float division by zero");
                }
                return x / y;
            case "//":
            case "%":
                return floor(operator, x, y);
            default:
                break;
        }
        if (x == 0 && y < 0) {
            throw new EvalError("0.0 cannot be raised to a negative power");
        }
        if (x < 0 && y != Math.rint(y) && !Double.isInfinite(x) && !Double.isNaN(y)) {
            throw new EvalError("a negative number to a broken power is a complex number, which templates do not know");
        }
        if (x == 1 || y == 0) {
            return 1.0; // also with NaN
        }
        double power = x == -1 && Double.isInfinite(y) ? 1.0 : Math.pow(x, y);
        if (Double.isInfinite(power) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
            throw new EvalError("numerical result out of range");
        }
        return power;
    }

    /** As float_divmod of CPython. */
    private static double floor(String operator, double x, double y) {
        if (y == 0) {
            throw new EvalError(operator.equals("%") ? "float modulo" : "float floor division by zero");
        }
        double remainder = x % y;
        double quotient = (x - remainder) / y;
        if (remainder != 0) {
            if (y < 0 != remainder < 0) {
                remainder += y;
                quotient -= 1;
            }
        } else {
            remainder = Math.copySign(0, y);
        }
        if (operator.equals("%")) {
            return remainder;
        }
        if (quotient == 0) {
            return Math.copySign(0, x / y);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    static Object negate(Object value) {
        if (value instanceof Double number) {
            return -number;
        }
        return Numbers.integer(Values.bigInteger(number("-", value)).negate());
    }

    static Object plus(Object value) {
        return value instanceof Double ? value : Numbers.integer(Values.bigInteger(number("+", value)));
    }

    private static Object number(String operator, Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (!Values.isNumber(value)) {
            throw new EvalError("bad operand type for unary " + operator + ": '" + Values.typeName(value) + "'");
        }
        return value;
    }
}
