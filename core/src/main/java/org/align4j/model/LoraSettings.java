package org.align4j.model;

import java.util.List;

/**
 * The shape of a LoRA adapter.
 *
 * @param rank r, the width between the two matrices
 * @param alpha α: what the adapter adds is scaled by α/r
 * @param dropout probability with which an input of an adapted layer is dropped in training, for the adapter only
 * @param rankStabilized whether it is scaled by α/√r instead (Kalajdzievski 2023)
 * @param targets names of layers, or what their names end with after a dot: {@code q_proj}
 * @param head whether a reward model's head is trained whole and kept with the adapter: PEFT's modules_to_save
 */
public record LoraSettings(
        int rank, double alpha, double dropout, boolean rankStabilized, List<String> targets, boolean head) {

    /** Of a language model, whose head is left alone. */
    public LoraSettings(int rank, double alpha, double dropout, boolean rankStabilized, List<String> targets) {
        this(rank, alpha, dropout, rankStabilized, targets, false);
    }

    public LoraSettings {
        targets = List.copyOf(targets);
    }

    /** The factor on what the adapter adds. */
    public double scale() {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }
}
