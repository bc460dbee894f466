package org.align4j.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.Version;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Libtorch;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.node.ObjectNode;

/** Where a model came from: hashes of what went in, versions of what computed, and the settings that decide the result. */
final class Provenance {
    /** Settings that may change between a run and its resumption: they do not change what is computed. */
    private static final List<String> FREE = List.of(
            "model",
            "data",
            "data_weights",
            "output",
            "reference",
            "adapter",
            "eval_data",
            "eval_steps",
            "reference_logps",
            "cache_dir",
            "dtype",
            "save_dtype",
            "tokens_per_microbatch",
            "num_train_epochs",
            "max_steps",
            "save_steps",
            "save_total_limit",
            "on_bad_row",
            "resume",
            "overwrite");

    private final Map<String, String> identity = new LinkedHashMap<>();
    private final int steps;
    private final long seed;
    private String referenceForm = ""; // of its weights in memory, if not that of the file

    private Provenance(int steps, long seed) {
        this.steps = steps;
        this.seed = seed;
    }

    /**
     * @param settings every key of the command with its value
     * @param reference settings of the reference model, where the loss compares with one
     */
    static Provenance of(
            TrainingConfig config,
            Map<String, Object> settings,
            Optional<ReferenceConfig> reference,
            Dtype dtype,
            int steps,
            ModelFolder model,
            Optional<LoraRun> lora,
            Tokenizer tokenizer,
            TrainingData data) {
        Provenance provenance = new Provenance(steps, config.seed());
        Map<String, String> identity = provenance.identity;
        identity.put("model_sha256", model.weightsHash());
        if (reference.isPresent()) {
            String adapter =
                    config.adapter().isPresent() ? " " + lora.orElseThrow().startHash() : "";
            identity.put(
                    "reference_sha256",
                    reference
                            .get()
                            .reference()
                            .map(Provenance::weightsHash)
                            .orElse(identity.get("model_sha256") + adapter));
            boolean own = reference.get().reference().isEmpty();
            provenance.referenceForm =
                    own ? config.fourBit().map(form -> " in " + form).orElse("") : "";
        }
        identity.put("tokenizer_sha256", tokenizer.hash());
        identity.put("data_sha256", data.train().hash());
        identity.put("eval_data_sha256", data.eval().hash());
        identity.put("compute_dtype", dtype.name().toLowerCase(java.util.Locale.ROOT));
        identity.put("total_steps", String.valueOf(steps));
        settings.forEach((key, value) -> {
            if (!FREE.contains(key)) {
                identity.put(key, String.valueOf(value));
            }
        });
        if (lora.isPresent()) {
            identity.put("adapter", lora.get().startHash());
            identity.put(
                    "lora_target_modules",
                    String.join(",", lora.get().settings().targets()));
        }
        return provenance;
    }

    private static String weightsHash(Path model) {
        try (ModelFolder folder = ModelFolder.open(model)) {
            return folder.weightsHash();
        }
    }

    Map<String, String> identity() {
        return identity;
    }

    /** What reference log-probabilities depend on, besides the tokens. */
    String referenceKey() {
        return identity.get("reference_sha256") + referenceForm + " " + identity.get("tokenizer_sha256") + " "
                + identity.get("compute_dtype");
    }

    ObjectNode json(boolean finished) {
        ObjectNode json = JsonFiles.newObject();
        json.put("finished", finished);
        json.put("steps", steps);
        json.put("seed", seed);
        ObjectNode versions = json.putObject("versions");
        versions.put("align4j", Version.TEXT);
        versions.put("libtorch", Libtorch.version());
        versions.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("threads", Libtorch.threads());
        ObjectNode node = json.putObject("identity");
        identity.forEach(node::put);
        return json;
    }
}
