package org.align4j.model;

/** How the frequencies of rotary positions are stretched to longer contexts. */
public sealed interface RopeScaling {

    /**
     * The stretched frequency of one pair of dimensions.
     *
     * @param frequency theta^(−2 · pair / rotaryWidth)
     * @param pair from 0
     */
    float scale(float frequency, int pair, int rotaryWidth, double theta);

    /** What cos and sin are multiplied with: above 1 it sharpens attention. */
    default double magnitude() {
        return 1;
    }

    /** Frequencies as they are. */
    record None() implements RopeScaling {
        @Override
        public float scale(float frequency, int pair, int rotaryWidth, double theta) {
            return frequency;
        }
    }

    /** Positions divided by a factor (Chen et al. 2023). */
    record Linear(double factor) implements RopeScaling {
        @Override
        public float scale(float frequency, int pair, int rotaryWidth, double theta) {
            return (float) (frequency / factor);
        }
    }

    /** Llama 3.1: low frequencies divided by a factor, high ones kept, a smooth passage between. */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalPositions)
            implements RopeScaling {
        @Override
        public float scale(float frequency, int pair, int rotaryWidth, double theta) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength > originalPositions / lowFrequencyFactor) {
                return (float) (frequency / factor);
            }
            if (wavelength < originalPositions / highFrequencyFactor) {
                return frequency;
            }
            double smooth =
                    (originalPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
        }
    }

    /**
     * YaRN (Peng et al. 2023, "NTK-by-parts"): pairs that turn more than {@code fastTurns} times over the original
     * context keep their frequency, those that turn less than {@code slowTurns} times have it divided by the factor, a
     * linear passage between.
     *
     * @param wholePairs whether the ends of the passage are rounded outwards to whole pairs
     */
    record Yarn(
            double factor,
            double fastTurns,
            double slowTurns,
            double originalPositions,
            boolean wholePairs,
            double magnitude)
            implements RopeScaling {
        @Override
        public float scale(float frequency, int pair, int rotaryWidth, double theta) {
            double low = pairThatTurns(fastTurns, rotaryWidth, theta);
            double high = pairThatTurns(slowTurns, rotaryWidth, theta);
            low = Math.max(wholePairs ? Math.floor(low) : low, 0);
            high = Math.min(wholePairs ? Math.ceil(high) : high, rotaryWidth - 1);
            double width = low == high ? 0.001 : high - low;
            double stretched = Math.min(Math.max((pair - low) / width, 0), 1);
            return (float) (stretched * frequency / factor + (1 - stretched) * frequency);
        }

        private double pairThatTurns(double turns, int rotaryWidth, double theta) {
            return rotaryWidth * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }
    }

    /**
     * LongRoPE (Ding et al. 2024): every pair has a divisor of its own, found by search. There are two sets, one for rows
     * longer than the original context and one for all others. This is the second: in a tree, branches of different
     * lengths share a trunk, which cannot turn two ways.
     */
    record LongRope(double[] divisors, double magnitude) implements RopeScaling {
        @Override
        public float scale(float frequency, int pair, int rotaryWidth, double theta) {
            return (float) (frequency / divisors[pair]);
        }
    }
}
