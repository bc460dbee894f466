package org.align4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What every value can do: its type's name, truth, equality, order, and being gone through, all as in Python. */
final class Values {
    private static final int MAX_KEY_SIZE = 100;

    private Values() {}

    /** A copy of what the caller gives, made of the types that templates know. */
    static Object fromJava(Object value) {
        if (value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || value instanceof Double) {
            return value;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float || value instanceof BigDecimal) {
            return ((Number) value).doubleValue();
        }
        if (value instanceof BigInteger integer) {
            return Numbers.integer(integer);
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, element) -> copy.put(fromJava(key), fromJava(element)));
            return Collections.unmodifiableMap(copy);
        }
        if (value instanceof Collection<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            list.forEach(element -> copy.add(fromJava(element)));
            return Collections.unmodifiableList(copy);
        }
        throw new IllegalArgumentException("a variable of a template holds a "
                + value.getClass().getName() + ", expected null, booleans, numbers, text, lists or maps");
    }

    static String typeName(Object value) {
        if (value == null) {
            return "NoneType";
        } else if (value instanceof Boolean) {
            return "bool";
        } else if (value instanceof Long || value instanceof BigInteger) {
            return "int";
        } else if (value instanceof Double) {
            return "float";
        } else if (value instanceof String) {
            return "str";
        } else if (value instanceof Tuple) {
            return "tuple";
        } else if (value instanceof Range) {
            return "range";
        } else if (value instanceof List) {
            return "list";
        } else if (value instanceof Map) {
            return "dict";
        } else if (value instanceof DictView view) {
            return view.kind();
        } else if (value instanceof Generator) {
            return "generator";
        } else if (value instanceof Undefined) {
            return "Undefined";
        } else if (value instanceof Namespace) {
            return "Namespace";
        } else if (value instanceof Loop) {
            return "LoopContext";
        } else if (value instanceof Macro) {
            return "Macro";
        } else {
            return "function";
        }
    }

    /** The type in jinja's messages. */
    static String describe(Object value) {
        return value == null ? "None" : typeName(value) + " object";
    }

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    static boolean truth(Object value) {
        if (value instanceof Boolean bool) {
            return bool;
        } else if (value instanceof String text) {
            return !text.isEmpty();
        } else if (value instanceof Collection<?> collection) {
            return !collection.isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        } else if (value instanceof Double number) {
            return number != 0;
        } else if (value instanceof Long number) {
            return number != 0;
        } else {
            return value != null && !(value instanceof Undefined);
        }
    }

    /** {@code len(value)}. */
    static int length(Object value) {
        if (value instanceof String text) {
            return Chars.length(text);
        } else if (value instanceof Collection<?> collection) {
            return collection.size();
        } else if (value instanceof Map<?, ?> map) {
            return map.size();
        } else if (value instanceof Loop loop) {
            return loop.length();
        } else if (value instanceof Undefined) {
            return 0;
        }
        throw new EvalError("object of type '" + typeName(value) + "' has no len()");
    }

    static boolean hasLength(Object value) {
        return value instanceof String
                || value instanceof Collection
                || value instanceof Map
                || value instanceof Undefined;
    }

    static boolean isIterable(Object value) {
        return hasLength(value) || value instanceof Generator;
    }

    static Iterator<?> iterate(Object value) {
        if (value instanceof String text) {
            return text.codePoints().mapToObj(Character::toString).iterator();
        } else if (value instanceof Collection<?> collection) {
            return collection.iterator();
        } else if (value instanceof Map<?, ?> map) {
            return map.keySet().iterator();
        } else if (value instanceof Generator generator) {
            return generator;
        } else if (value instanceof Undefined) {
            return Collections.emptyIterator();
        }
        throw new EvalError("'" + typeName(value) + "' object is not iterable");
    }

    /** All values of an iterable. */
    static List<Object> list(Budget budget, Object iterable) {
        List<Object> result = new ArrayList<>();
        Iterator<?> values = iterate(iterable);
        while (values.hasNext()) {
            budget.list(1);
            result.add(values.next());
        }
        return result;
    }

    /** {@code ==}. */
    static boolean equal(Budget budget, Object a, Object b) {
        budget.spend(1);
        if (a == b) {
            return !(a instanceof Double number) || !number.isNaN();
        }
        if (a == null || b == null) {
            return false;
        }
        if (isNumber(a) && isNumber(b)) {
            return !isNan(a) && !isNan(b) && compareNumbers(a, b) == 0;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return typeName(a).equals(typeName(b)) && equalLists(budget, x, y);
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            if (x.size() != y.size()) {
                return false;
            }
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                if (!y.containsKey(entry.getKey()) || !equal(budget, entry.getValue(), y.get(entry.getKey()))) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Undefined || b instanceof Undefined) {
            return a instanceof Undefined && b instanceof Undefined;
        }
        if (a instanceof String text) {
            budget.spend(text.length() / 16);
            return text.equals(b);
        }
        return false;
    }

    private static boolean equalLists(Budget budget, List<?> a, List<?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(budget, a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean isNan(Object value) {
        return value instanceof Double number && number.isNaN();
    }

    /** Negative, 0 or positive; NaN is neither. */
    private static int compareNumbers(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            double x = real(a);
            double y = real(b);
            if (Double.isInfinite(x) || Double.isInfinite(y) || Math.abs(x) < 1e15 && Math.abs(y) < 1e15) {
                return x < y ? -1 : x > y ? 1 : 0;
            }
            return exact(a).compareTo(exact(b));
        }
        return a instanceof Long x && b instanceof Long y
                ? Long.compare(x, y)
                : bigInteger(a).compareTo(bigInteger(b));
    }

    private static BigDecimal exact(Object number) {
        return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(bigInteger(number));
    }

    static BigInteger bigInteger(Object value) {
        if (value instanceof BigInteger integer) {
            return integer;
        }
        return BigInteger.valueOf(value instanceof Boolean bool ? (bool ? 1 : 0) : ((Number) value).longValue());
    }

    /** A number as a double. */
    static double real(Object number) {
        if (number instanceof BigInteger integer && integer.bitLength() > 1023) {
            double value = integer.doubleValue();
            if (Double.isInfinite(value)) {
                throw new EvalError("int too large to convert to float");
            }
            return value;
        }
        return number instanceof Boolean bool ? (bool ? 1 : 0) : ((Number) number).doubleValue();
    }

    /** An integer that counts or indexes; those beyond an int become the nearest. */
    static int index(Object value) {
        if (!isInteger(value)) {
            if (value instanceof Undefined undefined) {
                throw undefined.fail();
            }
            throw new EvalError("'" + typeName(value) + "' object cannot be interpreted as an integer");
        }
        if (value instanceof BigInteger integer) {
            return integer.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        }
        long number = value instanceof Boolean bool ? (bool ? 1 : 0) : (Long) value;
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number));
    }

    /**
     * {@code a operator b} for one of {@code <}, {@code <=}, {@code >} and {@code >=}.
     *
     * @throws EvalError if the two have no order
     */
    static boolean ordered(Budget budget, String operator, Object a, Object b) {
        budget.spend(1);
        if (isNan(a) || isNan(b)) {
            return false;
        }
        if (isNumber(a) && isNumber(b)) {
            return holds(operator, compareNumbers(a, b));
        }
        if (a instanceof String x && b instanceof String y) {
            budget.spend(x.length() / 8);
            return holds(operator, Chars.compare(x, y));
        }
        if (a instanceof List<?> x
                && b instanceof List<?> y
                && !(a instanceof Range)
                && typeName(a).equals(typeName(b))) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(budget, x.get(i), y.get(i))) {
                    return ordered(budget, operator, x.get(i), y.get(i));
                }
            }
            return holds(operator, Integer.compare(x.size(), y.size()));
        }
        if (a instanceof Undefined undefined) {
            throw undefined.fail();
        }
        if (b instanceof Undefined undefined) {
            throw undefined.fail();
        }
        throw new EvalError("'" + operator + "' not supported between instances of '" + typeName(a) + "' and '"
                + typeName(b) + "'");
    }

    private static boolean holds(String operator, int order) {
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /** A stable sort; of two values the later one is smaller only if Python says so. */
    static void sort(Budget budget, List<Object> keys, List<Integer> order) {
        try {
            order.sort((i, j) -> ordered(budget, "<", keys.get(i), keys.get(j))
                    ? -1
                    : ordered(budget, "<", keys.get(j), keys.get(i)) ? 1 : 0);
        } catch (IllegalArgumentException e) {
            throw new EvalError("these values cannot be sorted: their order contradicts itself");
        }
    }

    /** A value as the key of a dict: numbers that are equal are one key. */
    static Object key(Object value) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return number.longValue();
        }
        if (value instanceof Tuple tuple && tuple.size() <= MAX_KEY_SIZE) {
            for (Object element : tuple) {
                if (element instanceof Collection || element instanceof Map) {
                    throw new EvalError("a tuple that holds a " + typeName(element) + " cannot be a key");
                }
            }
        } else if (value instanceof Collection || value instanceof Map) {
            throw new EvalError("unhashable type: '" + typeName(value) + "'");
        }
        return value;
    }

    /** {@code wanted in container}. */
    static boolean contains(Budget budget, Object container, Object wanted) {
        if (container instanceof String text) {
            if (wanted instanceof String part) {
                budget.spend(text.length() / 4);
                return Chars.indexOf(text, part, 0) >= 0;
            }
            throw new EvalError("'in <string>' requires string as left operand, not " + typeName(wanted));
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(key(wanted));
        }
        if (!isIterable(container)) {
            throw new EvalError("argument of type '" + typeName(container) + "' is not iterable");
        }
        Iterator<?> values = iterate(container);
        while (values.hasNext()) {
            if (equal(budget, values.next(), wanted)) {
                return true;
            }
        }
        return false;
    }
}
