package org.align4j.template;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of a call. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    /** Stands for a value that is not there: null is a value. */
    static final Object MISSING = new Object() {
        @Override
        public String toString() {
            return "missing";
        }
    };

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** The arguments by parameter; those not given are {@link #MISSING}. */
    Object[] bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new EvalError(function + "() takes at most " + parameters.length + " argument(s), got "
                    + (positional.size() + named.size()));
        }
        Object[] values = new Object[parameters.length];
        Arrays.fill(values, MISSING);
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        named.forEach((name, value) -> {
            int i = List.of(parameters).indexOf(name);
            if (i < 0) {
                throw new EvalError(function + "() got an unexpected keyword argument '" + name + "'");
            }
            if (values[i] != MISSING) {
                throw new EvalError(function + "() got two values for its argument '" + name + "'");
            }
            values[i] = value;
        });
        for (int i = 0; i < required; i++) {
            if (values[i] == MISSING) {
                throw new EvalError(function + "() needs its argument '" + parameters[i] + "'");
            }
        }
        return values;
    }

    /** Arguments of a function that takes no keywords. */
    Object[] positional(String function, int least, int most) {
        if (!named.isEmpty()) {
            throw new EvalError(function + "() takes no keyword arguments");
        }
        if (positional.size() < least || positional.size() > most) {
            throw new EvalError(function + "() takes " + (least == most ? "" + least : least + " to " + most)
                    + " argument(s), got " + positional.size());
        }
        Object[] values = Arrays.copyOf(positional.toArray(), most);
        Arrays.fill(values, positional.size(), most, MISSING);
        return values;
    }

    static Object or(Object value, Object fallback) {
        return value == MISSING ? fallback : value;
    }

    /** These without the first positional ones. */
    Arguments skip(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }

    Arguments with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(named);
        if (more.put(name, value) != null) {
            throw new EvalError("the argument '" + name + "' is given twice");
        }
        return new Arguments(positional, more);
    }
}
