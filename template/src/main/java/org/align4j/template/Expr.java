package org.align4j.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An expression, which knows how to evaluate itself. */
sealed interface Expr {
    /** Its offset in the template. */
    int at();

    /** Its value; {@link #eval} is what others call. */
    Object compute(Scope scope);

    /** Its value, within the budget; errors get their place. */
    default Object eval(Scope scope) {
        Render render = scope.render();
        try {
            render.budget().enter();
            Object value = compute(scope);
            render.budget().leave();
            return value;
        } catch (EvalError e) {
            throw e.at(render.source(), at());
        }
    }

    private static List<Object> evalAll(List<Expr> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expr expression : expressions) {
            values.add(expression.eval(scope));
        }
        return values;
    }

    /** A literal. */
    record Constant(Object value, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return value;
        }
    }

    /** A variable. */
    record Name(String name, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return scope.get(name);
        }
    }

    /** {@code [a, b]}. */
    record ListOf(List<Expr> elements, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            scope.render().budget().list(elements.size() + 2L);
            return evalAll(elements, scope);
        }
    }

    /** {@code (a, b)}. */
    record TupleOf(List<Expr> elements, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            scope.render().budget().list(elements.size() + 2L);
            return new Tuple(evalAll(elements, scope));
        }
    }

    /** {@code {key: value}}. */
    record DictOf(List<Expr> keys, List<Expr> values, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            scope.render().budget().list(keys.size() * 2L + 4);
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Object key = Values.key(keys.get(i).eval(scope));
                map.put(key, values.get(i).eval(scope));
            }
            return map;
        }
    }

    /** {@code a + b} and its like. */
    record Binary(String operator, Expr left, Expr right, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return Operators.binary(scope.render(), operator, left.eval(scope), right.eval(scope));
        }
    }

    /** {@code -a}, {@code +a} or {@code not a}. */
    record Unary(String operator, Expr operand, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object value = operand.eval(scope);
            return switch (operator) {
                case "-" -> Operators.negate(value);
                case "+" -> Operators.plus(value);
                default -> !Values.truth(value);
            };
        }
    }

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expr> parts, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            List<String> texts = new ArrayList<>();
            for (Expr part : parts) {
                texts.add(Text.str(part.eval(scope)));
            }
            return StringMethods.join(scope.render(), "", texts);
        }
    }

    /** {@code a and b} or {@code a or b}: one of the operands, the second only evaluated if it decides. */
    record Logic(boolean and, Expr left, Expr right, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object value = left.eval(scope);
            return Values.truth(value) == and ? right.eval(scope) : value;
        }
    }

    /** {@code a < b <= c}. */
    record Compare(Expr first, List<String> operators, List<Expr> rest, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object left = first.eval(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object right = rest.get(i).eval(scope);
                if (!holds(scope.render().budget(), operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }

        static boolean holds(Budget budget, String operator, Object left, Object right) {
            return switch (operator) {
                case "==" -> Values.equal(budget, left, right);
                case "!=" -> !Values.equal(budget, left, right);
                case "in" -> Values.contains(budget, right, left);
                case "not in" -> !Values.contains(budget, right, left);
                default -> Values.ordered(budget, operator, left, right);
            };
        }
    }

    /** {@code a if test else b}; {@code otherwise} may be null. */
    record Conditional(Expr test, Expr then, Expr otherwise, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            if (Values.truth(test.eval(scope))) {
                return then.eval(scope);
            }
            return otherwise == null
                    ? new Undefined("the inline if-expression evaluated to false and has no else")
                    : otherwise.eval(scope);
        }
    }

    /** {@code a.name}. */
    record Attribute(Expr of, String name, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return Lookup.attribute(of.eval(scope), name);
        }
    }

    /** {@code a[key]}. */
    record Item(Expr of, Expr key, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object value = of.eval(scope);
            Object item = Lookup.item(scope.render().budget(), value, key.eval(scope));
            return scope.render().markup().keep(value, item);
        }
    }

    /** {@code a[from:to:step]}; what is not given is null. */
    record Slice(Expr of, Expr from, Expr to, Expr step, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object value = of.eval(scope);
            Object slice = Lookup.slice(
                    scope.render().budget(), value, bound(from, scope), bound(to, scope), bound(step, scope));
            return scope.render().markup().keep(value, slice);
        }

        private static Object bound(Expr expression, Scope scope) {
            return expression == null ? null : expression.eval(scope);
        }
    }

    /** The arguments of a call; {@code star} and {@code doubleStar} may be null. */
    record CallArguments(List<Expr> positional, Map<String, Expr> named, Expr star, Expr doubleStar) {
        static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);

        Arguments eval(Scope scope) {
            List<Object> values = evalAll(positional, scope);
            if (star != null) {
                values.addAll(Values.list(scope.render().budget(), star.eval(scope)));
            }
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, value) -> byName.put(name, value.eval(scope)));
            if (doubleStar != null) {
                if (!(doubleStar.eval(scope) instanceof Map<?, ?> more)) {
                    throw new EvalError("argument after ** must be a mapping");
                }
                scope.render().budget().list(more.size());
                more.forEach((name, value) -> {
                    if (!(name instanceof String text) || byName.containsKey(text)) {
                        throw new EvalError("the argument " + Text.repr(name) + " is given twice or is no name");
                    }
                    byName.put(text, value);
                });
            }
            return new Arguments(values, byName);
        }
    }

    /** {@code f(a, b=c)}. */
    record Call(Expr function, CallArguments arguments, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return call(scope, null);
        }

        /** Calls with one more named argument, {@code caller}, unless that is null. */
        Object call(Scope scope, Macro caller) {
            Object value = function.eval(scope);
            if (value instanceof Undefined undefined) {
                throw undefined.fail();
            }
            if (!(value instanceof Callable callable)) {
                throw new EvalError("'" + Values.typeName(value) + "' object is not callable");
            }
            Arguments given = arguments.eval(scope);
            scope.render().budget().call();
            return callable.call(scope.render(), caller == null ? given : given.with("caller", caller));
        }
    }

    /** {@code value | name(arguments)}; {@code value} is null in a filter block. */
    record Filtered(Expr value, String name, CallArguments arguments, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            return apply(scope, value.eval(scope));
        }

        Object apply(Scope scope, Object input) {
            return Filters.apply(scope.render(), name, input, arguments.eval(scope));
        }

        /** A chain of filters on a text that is given. */
        Object applyChain(Scope scope, String text) {
            return apply(scope, value == null ? text : ((Filtered) value).applyChain(scope, text));
        }
    }

    /** {@code value is name(arguments)}. */
    record Tested(Expr value, String name, CallArguments arguments, int at) implements Expr {
        @Override
        public Object compute(Scope scope) {
            Object input = value.eval(scope);
            return Tests.apply(scope.render(), name, input, arguments.eval(scope));
        }
    }
}
