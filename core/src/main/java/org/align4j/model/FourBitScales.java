package org.align4j.model;

import java.util.Arrays;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** The scales of a matrix's blocks: the largest magnitude of each. */
sealed interface FourBitScales {
    float of(int block);

    static FourBitScales of(float[] scales, boolean nested) {
        return nested ? Nested.of(scales) : new Plain(scales);
    }

    record Plain(float[] scales) implements FourBitScales {
        @Override
        public float of(int block) {
            return scales[block];
        }
    }

    /**
     * Double quantisation: what a scale is more than their mean, in blocks of 256, as one of 256 values times the largest
     * magnitude of the block.
     *
     * @param codes by scale
     * @param largest by block
     */
    record Nested(byte[] codes, float[] largest, float mean) implements FourBitScales {
        private static final int BLOCK = 256;
        private static final float[] DYNAMIC = dynamic();

        static Nested of(float[] scales) {
            float mean = mean(scales);
            byte[] codes = new byte[scales.length];
            float[] largest = new float[(scales.length + BLOCK - 1) / BLOCK];
            for (int i = 0; i < scales.length; i++) {
                largest[i / BLOCK] = Math.max(largest[i / BLOCK], Math.abs(scales[i] - mean));
            }
            for (int i = 0; i < scales.length; i++) {
                float inverse = 1 / largest[i / BLOCK];
                codes[i] = (byte) (largest[i / BLOCK] == 0 ? 0 : nearest((scales[i] - mean) * inverse));
            }
            return new Nested(codes, largest, mean);
        }

        private static float mean(float[] scales) {
            try (StepScope scope = StepScope.open()) {
                return (float) Tensor.of(scales, 1, scales.length).meanOfRows().item();
            }
        }

        private static int nearest(float x) {
            int above = Arrays.binarySearch(DYNAMIC, x);
            if (above >= 0) {
                return above;
            }
            above = -above - 1;
            if (above == 0 || above == DYNAMIC.length) {
                return Math.min(above, DYNAMIC.length - 1);
            }
            return x - DYNAMIC[above - 1] <= DYNAMIC[above] - x ? above - 1 : above;
        }

        /**
         * bitsandbytes' dynamic type (Dettmers 2015, <i>8-Bit Approximations for Parallelism in Deep Learning</i>): for each
         * power of ten from 10⁻⁶ to 1 the middles of 2ⁱ equal parts of (0.1, 1), twice as many as for the power before, with
         * both signs; and 0 and 1. Its own last bits depend on the processor.
         */
        static float[] dynamic() {
            float[] values = new float[256];
            int at = 0;
            for (int i = 0; i < 7; i++) {
                int parts = 1 << i;
                for (int k = 0; k < parts; k++) {
                    double middle = 0.1 + 0.9 * (k + 0.5) / parts;
                    values[at++] = (float) (Math.pow(10, i - 6) * middle);
                    values[at++] = (float) (-Math.pow(10, i - 6) * middle);
                }
            }
            values[at++] = 0;
            values[at] = 1;
            Arrays.sort(values);
            return values;
        }

        @Override
        public float of(int block) {
            return DYNAMIC[codes[block] & 255] * largest[block / BLOCK] + mean;
        }
    }
}
