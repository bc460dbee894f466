package org.align4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** For each layer, how many tokens a token sees, from config.json. */
final class Windows {
    private Windows() {}

    /** The width of the window where there is one. A null in the file says that there is none. */
    static int width(HfConfig config, int fallback) {
        return config.isNull("sliding_window") ? Attention.UNLIMITED : config.getInt("sliding_window", fallback);
    }

    /** The same in all layers. */
    static List<Integer> everywhere(HfConfig config, int window) {
        return where(config, window, layer -> true);
    }

    /** In the layers that {@code layer_types} calls sliding; without that key, in those that the family's rule says. */
    static List<Integer> byType(HfConfig config, int window, IntPredicate slides) {
        Optional<String[]> types = config.getStrings("layer_types");
        if (types.isEmpty()) {
            return where(config, window, slides);
        }
        int layers = config.requireInt("num_hidden_layers");
        if (types.get().length != layers) {
            throw config.invalid("\"layer_types\" has " + types.get().length + " entries, expected one for each of the "
                    + layers + " layers");
        }
        for (String type : types.get()) {
            if (!type.equals("sliding_attention") && !type.equals("full_attention")) {
                throw config.unsupported("layer_types", type, "full_attention, sliding_attention");
            }
        }
        return where(config, window, layer -> types.get()[layer].equals("sliding_attention"));
    }

    private static List<Integer> where(HfConfig config, int window, IntPredicate slides) {
        List<Integer> windows = new ArrayList<>();
        for (int layer = 0; layer < config.requireInt("num_hidden_layers"); layer++) {
            windows.add(slides.test(layer) ? window : Attention.UNLIMITED);
        }
        return List.copyOf(windows);
    }
}
