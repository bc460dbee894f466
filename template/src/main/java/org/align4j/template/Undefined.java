package org.align4j.template;

/**
 * What a name, an attribute or an element that does not exist evaluates to: it prints as nothing, is false and empty,
 * and everything else done with it is an error.
 *
 * @param message the error
 */
record Undefined(String message) {
    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Object of, String name) {
        return new Undefined("'" + Values.describe(of) + "' has no attribute " + Text.repr(name));
    }

    static Undefined element(Object of, Object key) {
        return key instanceof String name
                ? attribute(of, name)
                : new Undefined(Values.describe(of) + " has no element " + Text.repr(key));
    }

    static Undefined unsafe(Object of, String name) {
        return new Undefined("access to attribute '" + name + "' of '" + Values.typeName(of)
                + "' object is unsafe; values cannot be changed in a template");
    }

    EvalError fail() {
        return new EvalError(message);
    }
}
