package org.align4j.gguf;

import java.util.Optional;

/**
 * The divisors of rotary frequencies, one for each pair of dimensions, as which a file holds Llama 3.1's scaling (tensor
 * {@value #TENSOR}). config.json has four numbers instead, from which they follow.
 *
 * @param factor divisor of low frequencies
 * @param low wavelengths above {@code original / low} are low frequencies
 * @param high those below {@code original / high} are high ones and kept
 * @param original positions before the stretching
 */
record RopeFactors(double factor, double low, double high, double original) {
    static final String TENSOR = "rope_freqs.weight";

    private static final double TOLERANCE = 1e-4;

    /** That of Llama 3.1 and 3.2, whose factors are 8 and 32; all else they have in common. */
    static final int ORIGINAL = 8192;

    /**
     * The settings that lead to these divisors; nothing if they are not Llama 3's, but for the factor.
     *
     * @param original positions before the stretching
     */
    static Optional<RopeFactors> recognise(float[] divisors, double theta, int original) {
        float largest = 1;
        for (float divisor : divisors) {
            largest = Math.max(largest, divisor);
        }
        RopeFactors settings = new RopeFactors(Double.parseDouble(Float.toString(largest)), 1, 4, original);
        float[] expected = settings.divisors(divisors.length, theta);
        for (int i = 0; i < divisors.length; i++) {
            if (!(Math.abs(divisors[i] - expected[i]) <= TOLERANCE * expected[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(settings);
    }

    /** One for each pair, from the fastest on. */
    float[] divisors(int pairs, double theta) {
        float[] divisors = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            double wavelength = 2 * Math.PI * Math.pow(theta, (double) i / pairs);
            double smooth = (original / wavelength - low) / (high - low);
            if (wavelength < original / high) {
                divisors[i] = 1;
            } else if (wavelength > original / low) {
                divisors[i] = (float) factor;
            } else {
                divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
            }
        }
        return divisors;
    }
}
