package org.align4j.template;

import java.util.HashMap;
import java.util.Map;

/** The names that a piece of a template sees: its own, and those of what it stands in. */
final class Scope {
    private final Render render;
    private final Scope parent;
    private Map<String, Object> own;

    Scope(Render render) {
        this(render, null);
    }

    private Scope(Render render, Scope parent) {
        this.render = render;
        this.parent = parent;
    }

    Render render() {
        return render;
    }

    Scope child() {
        return new Scope(render, this);
    }

    void set(String name, Object value) {
        if (own == null) {
            own = new HashMap<>();
        }
        own.put(name, value);
    }

    Object get(String name) {
        int hops = 0;
        for (Scope scope = this; scope != null; scope = scope.parent) {
            if (scope.own != null && scope.own.containsKey(name)) {
                return scope.own.get(name);
            }
            hops++;
        }
        render.budget().spend(hops);
        Object global = Globals.find(name);
        return global == null ? Undefined.name(name) : global;
    }
}
