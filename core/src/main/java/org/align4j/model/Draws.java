package org.align4j.model;

import java.util.SplittableRandom;

/** Seeds of what is random in a forward pass. */
final class Draws {
    private Draws() {}

    /**
     * A seed for one example and one place in the model: what is drawn does not depend on how examples are packed.
     * Mixed, because neighbouring seeds of a generator may give similar draws.
     *
     * @param seed of the step
     */
    static SplittableRandom of(long seed, int row, int place) {
        long mixed = new SplittableRandom(seed + row).nextLong();
        return new SplittableRandom(new SplittableRandom(mixed + place).nextLong());
    }
}
