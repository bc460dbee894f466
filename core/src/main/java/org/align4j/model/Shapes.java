package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** Collects names and shapes of tensors, in the order in which they are written. */
final class Shapes {
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    void embedding(String name, long rows, long width) {
        shapes.put(name + ".weight", new long[] {rows, width});
    }

    void linear(String name, long out, long in, boolean bias) {
        shapes.put(name + ".weight", new long[] {out, in});
        if (bias) {
            shapes.put(name + ".bias", new long[] {out});
        }
    }

    void rmsNorm(String name, long width) {
        vector(name + ".weight", width);
    }

    void layerNorm(String name, long width) {
        vector(name + ".weight", width);
        vector(name + ".bias", width);
    }

    void vector(String name, long width) {
        shapes.put(name, new long[] {width});
    }

    Map<String, long[]> map() {
        return shapes;
    }
}
