package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.FewValues;
import org.align4j.tensor.Tensor;

/**
 * Rotary position embeddings (Su et al. 2021): pairs of dimensions turn by an angle that grows with the position. Only the
 * first {@code rotaryWidth} dimensions of a head turn; some families leave the others as they are.
 */
public final class Rotary {

    /**
     * cos and sin of every token's angles, each (tokens, 1, pairs): made once, used by all layers. And the same for the
     * two halves of a head, (tokens, 1, 2 · pairs): (cos, cos) and (−sin, sin).
     */
    public record Angles(Tensor cos, Tensor sin, Tensor cosOfHalves, Tensor sinOfHalves) {}

    private final float[] frequencies;
    private final double magnitude;

    public Rotary(int rotaryWidth, double theta, RopeScaling scaling) {
        frequencies = new float[rotaryWidth / 2];
        for (int i = 0; i < frequencies.length; i++) {
            // Float steps as in the reference implementations, so that far positions get the same angles.
            float frequency = (float) (1.0 / Math.pow(theta, (2.0f * i) / rotaryWidth));
            frequencies[i] = scaling.scale(frequency, i, rotaryWidth, theta);
        }
        magnitude = scaling.magnitude();
    }

    /** @param positions (tokens), integers */
    public Angles angles(Tensor positions, Dtype dtype) {
        Tensor angle = positions
                .to(Dtype.F32)
                .reshape(-1, 1, 1)
                .mul(Tensor.of(frequencies, 1, 1, frequencies.length)); // (tokens, 1, pairs)
        Tensor cos = angle.cos().mul(magnitude).to(dtype);
        Tensor sin = angle.sin().mul(magnitude).to(dtype);
        return new Angles(cos, sin, Tensor.cat(List.of(cos, cos), 2), Tensor.cat(List.of(sin.neg(), sin), 2));
    }

    /**
     * Turns queries and keys, (tokens, heads, width), in the half-split form: dimension i pairs with i + rotaryWidth/2.
     *
     * @return both, in this order
     */
    public static Tensor[] apply(Tensor queries, Tensor keys, Angles angles) {
        if (FewValues.pays(queries) && FewValues.pays(keys)) {
            return FewValues.rotated(angles.cos(), angles.sin(), queries, keys);
        }
        return new Tensor[] {apply(queries, angles), apply(keys, angles)};
    }

    private static Tensor apply(Tensor x, Angles angles) {
        long pairs = angles.cos().size(2);
        Tensor[] parts = x.split(sizes(x.size(2), 2 * pairs), 2);
        Tensor swapped = parts[0].roll(pairs, 2);
        Tensor turned = parts[0].mul(angles.cosOfHalves()).addInPlace(swapped.mulInPlace(angles.sinOfHalves()));
        return parts.length == 1 ? turned : Tensor.cat(List.of(turned, parts[1]), 2);
    }

    /** Turns (tokens, heads, width) in the interleaved form: dimension 2i pairs with 2i + 1. */
    public static Tensor applyInterleaved(Tensor x, Angles angles) {
        long heads = x.size(1);
        long pairs = angles.cos().size(2);
        Tensor[] parts = x.split(sizes(x.size(2), 2 * pairs), 2);
        Tensor[] pair = parts[0].reshape(-1, heads, pairs, 2).split(new long[] {1, 1}, 3);
        Tensor cos = angles.cos().reshape(-1, 1, pairs, 1);
        Tensor sin = angles.sin().reshape(-1, 1, pairs, 1);
        Tensor first = pair[0].mul(cos).sub(pair[1].mul(sin));
        Tensor second = pair[1].mul(cos).add(pair[0].mul(sin));
        Tensor turned = Tensor.cat(List.of(first, second), 3).reshape(-1, heads, 2 * pairs);
        return parts.length == 1 ? turned : Tensor.cat(List.of(turned, parts[1]), 2);
    }

    /** Sizes of the part that turns, and of the rest if there is one. */
    private static long[] sizes(long width, long turning) {
        return width == turning ? new long[] {width} : new long[] {turning, width - turning};
    }
}
