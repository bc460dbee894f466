package org.align4j.model;

import java.util.Optional;

/**
 * Rotary settings as config.json writes them: {@code rope_theta} with {@code rope_scaling} up to transformers 4,
 * {@code rope_parameters} since transformers 5.
 */
final class RotaryConfig {
    private final HfConfig config;
    private final Optional<HfConfig> settings;

    private RotaryConfig(HfConfig config, Optional<HfConfig> settings) {
        this.config = config;
        this.settings = settings;
    }

    /** One for all layers. */
    static RotaryConfig of(HfConfig config) {
        return new RotaryConfig(config, config.getObject("rope_parameters").or(() -> config.getObject("rope_scaling")));
    }

    /** That of the layers with full attention, where the others have another. */
    static RotaryConfig ofFullLayers(HfConfig config) {
        return new RotaryConfig(config, ofLayers(config, "full_attention").or(() -> config.getObject("rope_scaling")));
    }

    /** That of the layers with a sliding window, where the others have another. */
    static RotaryConfig ofSlidingLayers(HfConfig config) {
        return new RotaryConfig(config, ofLayers(config, "sliding_attention"));
    }

    private static Optional<HfConfig> ofLayers(HfConfig config, String type) {
        return config.getObject("rope_parameters").flatMap(layers -> layers.getObject(type));
    }

    /** Rotary positions over whole heads. */
    Rotary wholeHead(int headWidth, int maxPositions, String thetaKey, double thetaFallback) {
        double part = part("partial_rotary_factor", 1);
        if (part != 1) {
            throw config.unsupported("partial_rotary_factor", part, "1 for this architecture");
        }
        return new Rotary(headWidth, theta(thetaKey, thetaFallback), scaling(maxPositions));
    }

    /** @param key where the value stands up to transformers 4 */
    double theta(String key, double fallback) {
        double old = config.getDouble(key, fallback);
        return settings.map(rope -> rope.getDouble("rope_theta", old)).orElse(old);
    }

    /**
     * How much of a head turns.
     *
     * @param key where the value stands up to transformers 4
     */
    double part(String key, double fallback) {
        double old = config.getDouble(key, fallback);
        return settings.map(rope -> rope.getDouble("partial_rotary_factor", old))
                .orElse(old);
    }

    RopeScaling scaling(int maxPositions) {
        String type = type();
        switch (type) {
            case "default":
                return new RopeScaling.None();
            case "linear":
                return new RopeScaling.Linear(settings.get().getDouble("factor", 1));
            case "llama3":
                return new RopeScaling.Llama3(
                        settings.get().getDouble("factor", 8),
                        settings.get().getDouble("low_freq_factor", 1),
                        settings.get().getDouble("high_freq_factor", 4),
                        originalPositions(maxPositions));
            case "yarn":
                return yarn(settings.get(), maxPositions);
            default:
                throw settings.get().unsupported("rope_type", type, "default, linear, llama3, yarn");
        }
    }

    /** The scaling of Phi-3, whose only type besides the default is LongRoPE. */
    RopeScaling longScaling(int pairs, int maxPositions) {
        String type = type();
        switch (type) {
            case "default":
                return new RopeScaling.None();
            case "su": // its first name
            case "longrope":
                return longRope(settings.get(), pairs, maxPositions);
            default:
                throw settings.get().unsupported("rope_type", type, "default, longrope for this architecture");
        }
    }

    private String type() {
        return settings.map(rope -> rope.getString("rope_type", rope.getString("type", "default")))
                .orElse("default");
    }

    /** How many positions the model had before they were stretched. */
    int originalPositions(int fallback) {
        String key = "original_max_position_embeddings";
        int inside = settings.map(rope -> rope.getInt(key, fallback)).orElse(fallback);
        return config.getInt(key, inside);
    }

    private RopeScaling yarn(HfConfig rope, int maxPositions) {
        int original = originalPositions(maxPositions);
        double factor = rope.getDouble("factor", (double) maxPositions / original);
        double mscale = rope.getDouble("mscale", 0);
        double mscaleAll = rope.getDouble("mscale_all_dim", 0);
        double magnitude = mscale != 0 && mscaleAll != 0
                ? yarnMagnitude(factor, mscale) / yarnMagnitude(factor, mscaleAll)
                : yarnMagnitude(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                rope.getDouble("beta_fast", 32),
                rope.getDouble("beta_slow", 1),
                original,
                rope.getBoolean("truncate", true),
                rope.getDouble("attention_factor", magnitude));
    }

    /** √(1/t) of the YaRN paper. */
    private static double yarnMagnitude(double factor, double mscale) {
        return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    private RopeScaling longRope(HfConfig rope, int pairs, int maxPositions) {
        double[] divisors = rope.requireDoubles("short_factor");
        if (divisors.length != pairs) {
            throw rope.invalid("\"short_factor\" has " + divisors.length + " entries, expected one for each of the "
                    + pairs + " pairs of dimensions that turn");
        }
        int original = originalPositions(maxPositions);
        double factor = rope.getDouble("factor", (double) maxPositions / original);
        double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RopeScaling.LongRope(divisors, rope.getDouble("attention_factor", magnitude));
    }
}
