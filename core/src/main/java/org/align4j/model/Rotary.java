package org.align4j.model;

import java.util.List;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;

/**
 * Rotary position embeddings (Su et al. 2021), in the half-split form of Hugging Face: dimension i turns together with
 * i + width/2. Only the first {@code 2 × frequencies} dimensions of a head turn; GPT-NeoX leaves the others as they are.
 */
public final class Rotary {

    /** How frequencies are stretched to longer contexts. */
    public sealed interface Scaling permits None, Linear, Llama3 {}

    public record None() implements Scaling {}

    /** Positions divided by a factor (Chen et al. 2023). */
    public record Linear(double factor) implements Scaling {}

    /** Llama 3.1: low frequencies divided by a factor, high ones kept, a smooth passage between. */
    public record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalPositions)
            implements Scaling {}

    /** cos and sin of every token's angles, each (tokens, 1, frequencies): made once, used by all layers. */
    public record Angles(Tensor cos, Tensor sin) {}

    private final float[] frequencies;

    public Rotary(int rotaryWidth, double theta, Scaling scaling) {
        frequencies = new float[rotaryWidth / 2];
        for (int i = 0; i < frequencies.length; i++) {
            // Float steps as in the reference implementations, so that far positions get the same angles.
            float frequency = (float) (1.0 / Math.pow(theta, (2.0f * i) / rotaryWidth));
            frequencies[i] = scaled(frequency, scaling);
        }
    }

    private static float scaled(float frequency, Scaling scaling) {
        if (scaling instanceof Linear linear) {
            return (float) (frequency / linear.factor());
        }
        if (scaling instanceof Llama3 llama) {
            double wavelength = 2 * Math.PI / frequency;
            double low = llama.originalPositions() / llama.lowFrequencyFactor();
            double high = llama.originalPositions() / llama.highFrequencyFactor();
            if (wavelength > low) {
                return (float) (frequency / llama.factor());
            }
            if (wavelength < high) {
                return frequency;
            }
            double smooth = (llama.originalPositions() / wavelength - llama.lowFrequencyFactor())
                    / (llama.highFrequencyFactor() - llama.lowFrequencyFactor());
            return (float) ((1 - smooth) * frequency / llama.factor() + smooth * frequency);
        }
        return frequency;
    }

    /** @param positions (tokens), integers */
    public Angles angles(Tensor positions, Dtype dtype) {
        Tensor angle = positions
                .to(Dtype.F32)
                .reshape(-1, 1, 1)
                .mul(Tensor.of(frequencies, 1, 1, frequencies.length)); // (tokens, 1, frequencies)
        return new Angles(angle.cos().to(dtype), angle.sin().to(dtype));
    }

    /** Turns (tokens, heads, width). */
    public static Tensor apply(Tensor x, Angles angles) {
        long width = x.size(2);
        long half = angles.cos().size(2);
        Tensor[] parts =
                x.split(width == 2 * half ? new long[] {half, half} : new long[] {half, half, width - 2 * half}, 2);
        Tensor first = parts[0].mul(angles.cos()).sub(parts[1].mul(angles.sin()));
        Tensor second = parts[1].mul(angles.cos()).add(parts[0].mul(angles.sin()));
        return parts.length == 2
                ? Tensor.cat(List.of(first, second), 2)
                : Tensor.cat(List.of(first, second, parts[2]), 2);
    }
}
