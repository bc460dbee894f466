package org.align4j.model;

import java.util.SplittableRandom;

/** Standard normal numbers by Box and Muller (1958). */
final class Gaussian {
    private Gaussian() {}

    static double next(SplittableRandom random) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        return radius * Math.cos(2 * Math.PI * random.nextDouble());
    }
}
