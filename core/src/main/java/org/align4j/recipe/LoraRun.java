package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.model.LoraLayers;
import org.align4j.model.LoraSettings;
import org.align4j.model.ScoreHead;
import org.align4j.train.RunState;

/**
 * The models of a run with LoRA: one frozen base for the policy and for its reference.
 *
 * <p>The reference is what training starts from. A fresh adapter adds nothing, so that is the base with the adapter off;
 * where an older adapter is trained on it is the base under a frozen copy of that, as in TRL.
 */
final class LoraRun implements AutoCloseable {
    private final TrainingConfig config;
    private final Architecture architecture;
    private final LoraSettings settings;
    private final String startHash; // of the adapter to start from, empty for a fresh one
    private CausalLm base;

    private LoraRun(TrainingConfig config, Architecture architecture, LoraSettings settings, String startHash) {
        this.config = config;
        this.architecture = architecture;
        this.settings = settings;
        this.startHash = startHash;
    }

    /** Checks the settings against the model; loads nothing yet. Absent for a run that trains all weights. */
    static Optional<LoraRun> of(TrainingTask task, ModelFolder source) {
        TrainingConfig config = task.config();
        if (!config.usePeft()) {
            return Optional.empty();
        }
        Architecture architecture = task.architecture(source);
        if (config.adapter().isEmpty()) {
            return Optional.of(new LoraRun(config, architecture, settings(config, architecture), ""));
        }
        try (AdapterFolder start = AdapterFolder.open(config.adapter().get())) {
            LoraSettings settings = start.settings(architecture);
            String hash = start.weightsHash() + " scaled by " + settings.scale();
            return Optional.of(new LoraRun(config, architecture, settings, hash));
        }
    }

    private static LoraSettings settings(TrainingConfig config, Architecture architecture) {
        return new LoraSettings(
                config.loraR(),
                config.loraAlpha(),
                config.loraDropout(),
                config.useRslora(),
                targets(config.loraTargetModules(), architecture),
                architecture instanceof ScoreHead);
    }

    private static List<String> targets(Optional<String> names, Architecture architecture) {
        if (names.isEmpty()) {
            return architecture.loraTargets();
        }
        if (names.get().equals("all-linear")) {
            return LoraLayers.kinds(architecture);
        }
        List<String> targets = new ArrayList<>();
        for (String name : names.get().split(",")) {
            String target = name.strip();
            if (LoraLayers.matching(architecture, target).isEmpty()) {
                throw AlignException.usage("lora_target_modules names \"" + target
                        + "\", which the model does not have; expected some of "
                        + String.join(", ", LoraLayers.kinds(architecture)) + ", or all-linear");
            }
            targets.add(target);
        }
        return targets;
    }

    LoraSettings settings() {
        return settings;
    }

    String startHash() {
        return startHash;
    }

    /** Takes the base, which must come before the models over it. */
    void loadBase(CausalLm loaded) {
        base = loaded;
    }

    CausalLm reference() {
        return config.adapter().isEmpty() ? base.shared() : base.adapted(start(false));
    }

    /** The base under the adapter as the run left it, or as it starts. */
    CausalLm policy(Optional<RunState> checkpoint, Path output) {
        if (checkpoint.isPresent()) {
            return base.adapted(checkpoint.get().loadAdapter(output, architecture, base.dtype()));
        }
        if (config.adapter().isPresent()) {
            return base.adapted(start(true));
        }
        Lora fresh = Lora.allocate(architecture, settings, base.dtype(), true);
        fresh.initialize(config.seed(), base.parameters());
        return base.adapted(fresh);
    }

    private Lora start(boolean trainable) {
        try (AdapterFolder folder = AdapterFolder.open(config.adapter().get())) {
            return folder.load(architecture, base.dtype(), trainable);
        }
    }

    @Override
    public void close() {
        if (base != null) {
            base.close();
        }
    }
}
