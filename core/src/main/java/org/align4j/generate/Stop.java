package org.align4j.generate;

import java.util.Set;

/**
 * When a completion ends.
 *
 * @param tokens each ends it and is not part of it
 * @param rule ends it after a token that stays part of it
 */
public record Stop(Set<Integer> tokens, Rule rule) {

    /** Looks at the tokens {@code [0, length)} of a completion, the last of which is new. */
    @FunctionalInterface
    public interface Rule {
        boolean ends(int[] tokens, int length);
    }

    public Stop {
        tokens = Set.copyOf(tokens);
    }

    public static Stop at(Set<Integer> tokens) {
        return new Stop(tokens, (drawn, length) -> false);
    }
}
