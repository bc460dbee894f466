package org.align4j.template;

import java.util.List;

/** What a value can be assigned to. */
sealed interface Target {
    void assign(Scope scope, Object value);

    /** A variable. */
    record Name(String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            scope.set(name, value);
        }
    }

    /** An attribute of a namespace. */
    record Member(String namespace, String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            if (!(scope.get(namespace) instanceof Namespace target)) {
                throw new EvalError("cannot assign attribute on non-namespace object: " + namespace + "." + name);
            }
            target.set(name, value);
        }
    }

    /** Several targets for the elements of one value. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            if (!Values.isIterable(value)) {
                throw new EvalError("cannot unpack non-iterable " + Values.typeName(value) + " object");
            }
            List<Object> elements = Values.list(scope.render().budget(), value);
            if (elements.size() != targets.size()) {
                throw new EvalError((elements.size() > targets.size() ? "too many" : "not enough")
                        + " values to unpack (expected " + targets.size() + ", got " + elements.size() + ")");
            }
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(scope, elements.get(i));
            }
        }
    }
}
