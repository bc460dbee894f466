package org.align4j.objective;

import java.util.Optional;

/**
 * What objectives can be told. Each method is a configuration key in camel case, and what it returns here is its default;
 * names are TRL's where TRL has them.
 */
public interface Hyperparameters {
    default double beta() {
        return 0.1;
    }

    default double labelSmoothing() {
        return 0;
    }

    /** Which pairs of a ranking. */
    default PairRule.Which rankingPairs() {
        return PairRule.Which.ALL;
    }

    /** {@link PairRule#ldAlpha}; absent: 1. */
    default Optional<Double> ldAlpha() {
        return Optional.empty();
    }

    /** {@link OverPairs#weighted}. */
    default boolean useWeighting() {
        return false;
    }

    default boolean referenceFree() {
        return false;
    }

    default Divergence.Kind fDivergenceType() {
        return Divergence.Kind.REVERSE_KL;
    }

    default double fAlphaDivergenceCoef() {
        return 0.5;
    }

    /** {@link Dpo#marginCoef}. */
    default double marginCoef() {
        return 0;
    }

    /** {@link Ipo#averaged}. */
    default boolean ipoAveraged() {
        return true;
    }

    /** {@link DiscoPop#tau}. */
    default double discopopTau() {
        return 0.05;
    }

    /** {@link BcoPair#running}. */
    default boolean bcoRunningDelta() {
        return false;
    }

    /** {@link LengthPenaltyDpo#alpha}. */
    default double rdpoAlpha() {
        return 0.01;
    }

    /** {@link Dpop#lambda}. */
    default double dpopLambda() {
        return 50;
    }

    /** ν of {@link RaoKupper} and {@link Davidson}; absent: 3 and 1. */
    default Optional<Double> tieNu() {
        return Optional.empty();
    }

    /** {@link SimPo#gamma}. */
    default double simpoGamma() {
        return 0.5;
    }

    /** {@link SimPo#alpha}. */
    default double alphapoAlpha() {
        return 0;
    }

    /** Weight of the NLL in CPO. */
    default double cpoAlpha() {
        return 1;
    }

    /** {@link InfoNca#temperature}. */
    default double scoreTemperature() {
        return 1;
    }
}
