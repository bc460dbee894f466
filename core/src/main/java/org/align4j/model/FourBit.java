package org.align4j.model;

import java.util.Locale;

/**
 * How a frozen model's linear layers lie in four bits a weight (Dettmers et al. 2023, <i>QLoRA</i>).
 *
 * @param nested double quantisation: the scales of blocks lie in eight bits each instead of 32
 */
public record FourBit(FourBitType type, boolean nested) {
    /** As a user would read it. Cached reference log-probabilities have it in their key. */
    @Override
    public String toString() {
        return type.name().toLowerCase(Locale.ROOT) + (nested ? " with nested scales" : "");
    }
}
