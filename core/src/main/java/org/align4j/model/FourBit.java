package org.align4j.model;

/**
 * How a frozen model's linear layers lie in four bits a weight (Dettmers et al. 2023, <i>QLoRA</i>).
 *
 * @param nested double quantisation: the scales of blocks lie in eight bits each instead of 32
 */
public record FourBit(FourBitType type, boolean nested) {
    @Override
    public String toString() {
        return type.name().toLowerCase(java.util.Locale.ROOT) + (nested ? " with nested scales" : "");
    }
}
