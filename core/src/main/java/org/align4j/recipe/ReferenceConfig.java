package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.HubUse;
import org.align4j.config.Key;

/** What commands whose loss compares with a reference model can be told. */
public record ReferenceConfig(
        @Key(doc = "folder or GGUF file of the reference model; the model itself by default", hub = HubUse.MODEL)
        Optional<Path> reference,

        @Key(value = "false", doc = "move the reference towards the policy (TR-DPO)")
        boolean syncRefModel,

        @Key(value = "0.6", doc = "the new reference is this times the policy + the rest times the old one")
        double refModelMixupAlpha,

        @Key(value = "512", doc = "steps between two moves of the reference")
        int refModelSyncSteps,

        @Key(
                doc =
                        "reference log-probabilities: computed once and kept on disk, or in every step by a frozen copy in"
                                + " memory (with use_peft without a copy); by default cached, with sync_ref_model live")
        Optional<ReferenceLogps> referenceLogps,

        @Key(doc = "folder for cached reference log-probabilities; by default align4j in the user's cache folder")
        Optional<Path> cacheDir) {

    /** Where reference log-probabilities come from. */
    public enum ReferenceLogps {
        CACHED,
        LIVE
    }

    public ReferenceConfig {
        TrainingConfig.require(
                refModelMixupAlpha > 0 && refModelMixupAlpha <= 1,
                "ref_model_mixup_alpha",
                refModelMixupAlpha,
                "0 to 1");
        TrainingConfig.require(refModelSyncSteps >= 1, "ref_model_sync_steps", refModelSyncSteps, "1 or more");
        if (syncRefModel && referenceLogps.equals(Optional.of(ReferenceLogps.CACHED))) {
            throw AlignException.usage("sync_ref_model is given, but reference_logps is cached, which a moving"
                    + " reference cannot be; leave one out");
        }
    }

    /** Whether a model in memory computes them. */
    boolean live() {
        return syncRefModel || referenceLogps.equals(Optional.of(ReferenceLogps.LIVE));
    }

    /** Refuses what says how to compare, for a loss that compares with nothing. */
    void requireUnused(String loss) {
        String given = reference.isPresent()
                ? "reference"
                : syncRefModel ? "sync_ref_model" : referenceLogps.isPresent() ? "reference_logps" : "";
        if (!given.isEmpty()) {
            throw AlignException.usage(given + " is given, but " + loss + " needs no reference; leave it out");
        }
    }

    void checkWith(TrainingConfig training) {
        if (syncRefModel && training.usePeft()) {
            throw AlignException.usage("sync_ref_model and use_peft are both given, but an adapter's reference is the"
                    + " frozen model; choose one");
        }
    }
}
