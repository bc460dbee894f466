package org.align4j.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which layers of a family an adapter may change: the linear ones of its blocks, not embeddings, norms and head. */
public final class LoraLayers {
    private static final String WEIGHT = ".weight";
    private static final Pattern IN_A_BLOCK = Pattern.compile(".*\\.\\d+\\..*");

    private LoraLayers() {}

    /** All of them, layer → {out, in}. */
    static Map<String, long[]> all(Architecture architecture) {
        Map<String, long[]> layers = new LinkedHashMap<>();
        architecture.tensors().forEach((name, shape) -> {
            if (shape.length == 2
                    && name.endsWith(WEIGHT)
                    && IN_A_BLOCK.matcher(name).matches()) {
                long[] outIn = architecture.inputFirst() ? new long[] {shape[1], shape[0]} : shape;
                layers.put(name.substring(0, name.length() - WEIGHT.length()), outIn);
            }
        });
        return layers;
    }

    /** Full names of all of them. */
    public static List<String> names(Architecture architecture) {
        return List.copyOf(all(architecture).keySet());
    }

    /** The last parts of their names, such as q_proj: what {@code all-linear} stands for. */
    public static List<String> kinds(Architecture architecture) {
        Set<String> kinds = new LinkedHashSet<>();
        for (String name : names(architecture)) {
            kinds.add(name.substring(name.lastIndexOf('.') + 1));
        }
        return List.copyOf(kinds);
    }

    /** The layers that a target means, none if there are no such. */
    public static List<String> matching(Architecture architecture, String target) {
        List<String> found = new ArrayList<>();
        for (String name : names(architecture)) {
            if (name.equals(target) || name.endsWith("." + target)) {
                found.add(name);
            }
        }
        return found;
    }
}
