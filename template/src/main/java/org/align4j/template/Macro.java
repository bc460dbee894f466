package org.align4j.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A macro or the body of a call block, with the names that it saw where it was defined.
 *
 * @param name null for the body of a call block
 */
record Macro(String name, Definition definition, Scope closure) implements Callable, Attributes {
    /**
     * What the template says of a macro.
     *
     * @param defaults those of the last parameters
     * @param usesCaller whether the body names {@code caller}, and so on: only then is it handed over
     */
    record Definition(
            List<String> parameters,
            List<Expr> defaults,
            List<Stmt> body,
            boolean usesCaller,
            boolean usesKwargs,
            boolean usesVarargs) {}

    @Override
    public Object call(Render render, Arguments arguments) {
        List<String> parameters = definition.parameters();
        int count = parameters.size();
        Scope scope = closure.child();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        List<Object> given = arguments.positional();
        int firstDefault = count - definition.defaults().size();
        for (int i = 0; i < count; i++) {
            String parameter = parameters.get(i);
            Object value;
            if (i < given.size()) {
                value = given.get(i);
            } else if (named.containsKey(parameter)) {
                value = named.remove(parameter);
            } else if (i >= firstDefault) {
                value = definition.defaults().get(i - firstDefault).eval(scope);
            } else {
                value = new Undefined("parameter '" + parameter + "' was not provided");
            }
            scope.set(parameter, value);
        }
        if (definition.usesCaller() && !parameters.contains("caller")) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (definition.usesKwargs()) {
            scope.set("kwargs", new LinkedHashMap<Object, Object>(named));
        } else if (!named.isEmpty()) {
            String extra = named.keySet().iterator().next();
            throw new EvalError(title() + " takes no keyword argument '" + extra + "'");
        }
        if (definition.usesVarargs()) {
            scope.set("varargs", new Tuple(given.subList(Math.min(count, given.size()), given.size())));
        } else if (given.size() > count) {
            throw new EvalError(title() + " takes not more than " + count + " argument(s), got " + given.size());
        }
        return render.capture(definition.body(), scope).text();
    }

    private String title() {
        return name == null ? "the body of this call block" : "macro '" + name + "'";
    }

    @Override
    public Object attribute(String attribute) {
        return switch (attribute) {
            case "name" -> name;
            case "arguments" -> new Tuple(List.copyOf(definition.parameters()));
            case "caller" -> definition.usesCaller();
            case "catch_kwargs" -> definition.usesKwargs();
            case "catch_varargs" -> definition.usesVarargs();
            default -> Arguments.MISSING;
        };
    }
}
