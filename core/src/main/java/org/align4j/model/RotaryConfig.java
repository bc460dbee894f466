package org.align4j.model;

import java.util.Optional;

/**
 * Rotary settings as config.json writes them: {@code rope_theta} with {@code rope_scaling} up to transformers 4,
 * {@code rope_parameters} since transformers 5.
 */
final class RotaryConfig {
    private RotaryConfig() {}

    static double theta(HfConfig config, String oldKey, double fallback) {
        double old = config.getDouble(oldKey, fallback);
        return config.getObject("rope_parameters")
                .map(rope -> rope.getDouble("rope_theta", old))
                .orElse(old);
    }

    static Rotary.Scaling scaling(HfConfig config, int maxPositions) {
        Optional<HfConfig> rope = config.getObject("rope_parameters").or(() -> config.getObject("rope_scaling"));
        if (rope.isEmpty()) {
            return new Rotary.None();
        }
        HfConfig settings = rope.get();
        String type = settings.getString("rope_type", settings.getString("type", "default"));
        switch (type) {
            case "default":
                return new Rotary.None();
            case "linear":
                return new Rotary.Linear(settings.getDouble("factor", 1));
            case "llama3":
                return new Rotary.Llama3(
                        settings.getDouble("factor", 8),
                        settings.getDouble("low_freq_factor", 1),
                        settings.getDouble("high_freq_factor", 4),
                        settings.getDouble("original_max_position_embeddings", maxPositions));
            default:
                throw settings.unsupported("rope_type", type, "default, linear, llama3");
        }
    }
}
