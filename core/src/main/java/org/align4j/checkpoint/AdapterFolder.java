package org.align4j.checkpoint;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFile;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.model.LoraSettings;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder with a LoRA adapter as PEFT keeps it: {@code adapter_config.json} and {@code adapter_model.safetensors}, whose
 * tensors are named {@code base_model.model.LAYER.lora_A.weight}.
 */
public final class AdapterFolder implements AutoCloseable {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";

    private final Path path;
    private final ObjectNode config;
    private final SafetensorsFile file;

    private AdapterFolder(Path path, ObjectNode config, SafetensorsFile file) {
        this.path = path;
        this.config = config;
        this.file = file;
    }

    /** Whether this is the folder of an adapter and not of a model. */
    public static boolean isOne(Path path) {
        return Files.exists(path.resolve(AdapterConfig.FILE)) && !Files.exists(path.resolve("config.json"));
    }

    /** Opens a folder; no weights are read. */
    public static AdapterFolder open(Path path) {
        if (!Files.isDirectory(path)) {
            throw AlignException.usage(OneLine.text(path) + ": no such folder, expected one with " + AdapterConfig.FILE
                    + " and " + WEIGHTS + "; check the path");
        }
        if (!Files.exists(path.resolve(AdapterConfig.FILE))) {
            throw AlignException.usage(OneLine.text(path) + ": has no " + AdapterConfig.FILE
                    + ", expected the folder of a PEFT adapter; check the path");
        }
        ObjectNode config = JsonFiles.readObject(path.resolve(AdapterConfig.FILE));
        if (!Files.exists(path.resolve(WEIGHTS))) {
            throw AlignException.badInput(OneLine.text(path) + ": has no " + WEIGHTS + "; "
                    + (Files.exists(path.resolve("adapter_model.bin"))
                            ? "load its adapter_model.bin with PEFT in Python and call save_pretrained"
                            : "download or export the adapter again"));
        }
        return new AdapterFolder(path, config, SafetensorsFile.open(path.resolve(WEIGHTS)));
    }

    /** What the adapter calls its base model: a folder, or a name on a hub; empty if it does not say. */
    public String baseName() {
        return AdapterConfig.baseName(config, where());
    }

    /**
     * The folder of the base model, as the adapter names it; relative names are relative to the working directory, as in
     * PEFT.
     *
     * @throws AlignException if it names none that exists, for instance a model on a hub
     */
    public Path baseFolder() {
        String name = baseName();
        try {
            if (!name.isEmpty() && (Files.isDirectory(Path.of(name)) || GgufFile.isOne(Path.of(name)))) {
                return Path.of(name);
            }
        } catch (InvalidPathException e) {
            // Said below.
        }
        throw AlignException.badInput(where() + ": the base model is " + OneLine.name(name)
                + ", which is no folder here, nor a GGUF file; name the base as the model (hub:owner/name, if it is on a hub) and this folder as the"
                + " adapter");
    }

    /** What tells these weights from any others. */
    public String weightsHash() {
        return WeightsHash.of(List.of(file));
    }

    /** Rank, scale and layers of the adapter over this base. */
    public LoraSettings settings(Architecture architecture) {
        if (head().isPresent() && !(architecture instanceof ScoreHead)) {
            throw ModelLoader.noLanguageModel(OneLine.text(path) + ": is the adapter of a reward model");
        }
        return AdapterConfig.read(config, where(), architecture);
    }

    /** The head of a reward model that is kept with the adapter, if one is. */
    public Optional<ScoreHead.Shape> head() {
        for (String name : List.of("score.weight", "classifier.weight")) {
            TensorInfo info = file.tensors().get(PREFIX + name);
            if (info != null && info.shape().length == 2) {
                return Optional.of(new ScoreHead.Shape(AdapterConfig.kind(config), (int) info.shape()[0]));
            }
        }
        return Optional.empty();
    }

    /**
     * Loads the adapter, after checking all names, shapes and types against its configuration and the base.
     *
     * @param computeType what the base computes in
     */
    public Lora load(Architecture architecture, Dtype computeType, boolean trainable) {
        LoraSettings settings = settings(architecture);
        Map<String, long[]> expected = Lora.tensors(architecture, settings);
        check(expected, settings.rank());
        Lora lora = Lora.allocate(architecture, settings, computeType, trainable);
        for (String name : expected.keySet()) {
            try (StepScope scope = StepScope.open()) {
                TensorInfo info = file.tensor(PREFIX + name);
                lora.parameters()
                        .stored(name)
                        .copyInPlace(Tensor.ofBytes(
                                Dtype.valueOf(info.dtype().name()), file.chunks(PREFIX + name), info.shape()));
            }
        }
        lora.parameters().refresh();
        return lora;
    }

    private void check(Map<String, long[]> expected, int rank) {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, long[]> entry : expected.entrySet()) {
            String name = PREFIX + entry.getKey();
            if (!file.tensors().containsKey(name)) {
                missing.add(name);
            } else {
                checkTensor(file.tensor(name), entry.getValue(), rank);
            }
        }
        if (!missing.isEmpty()) {
            throw bad("lacks " + missing.size() + " of " + expected.size() + " tensors that target_modules of "
                    + AdapterConfig.FILE + " asks for: " + OneLine.names(missing) + "; found "
                    + OneLine.names(file.tensors().keySet()) + "; " + remedy());
        }
        List<String> unexpected = new ArrayList<>(file.tensors().keySet());
        unexpected.removeIf(name -> name.startsWith(PREFIX) && expected.containsKey(name.substring(PREFIX.length())));
        if (!unexpected.isEmpty()) {
            throw bad("holds " + unexpected.size()
                    + " tensors that are no LoRA matrices of the linear layers of the model's blocks: "
                    + OneLine.names(unexpected) + "; leaving them out would change the result; " + remedy());
        }
    }

    private void checkTensor(TensorInfo found, long[] shape, int rank) {
        String tensor = "tensor " + OneLine.name(found.name()) + " has ";
        if (!found.dtype().isWeight()) {
            throw bad(tensor + "dtype " + found.dtype() + ", expected F32, BF16, F16 or F64");
        }
        if (Arrays.equals(found.shape(), shape)) {
            return;
        }
        int rankAt = found.name().contains(".lora_A.") ? 0 : 1;
        boolean otherRank = found.shape().length == 2
                && found.shape()[rankAt] != rank
                && found.shape()[1 - rankAt] == shape[1 - rankAt];
        throw bad(tensor + "shape " + Arrays.toString(found.shape()) + ", expected " + Arrays.toString(shape) + "; "
                + (otherRank
                        ? "\"r\" of " + AdapterConfig.FILE + " is " + rank + ": take both files from the same adapter"
                        : remedy()));
    }

    private String remedy() {
        String base = AdapterConfig.baseName(config, where());
        return "take the base model that the adapter was trained on"
                + (base.isEmpty() ? "" : " (" + OneLine.text(base) + ")");
    }

    private AlignException bad(String what) {
        return AlignException.badInput(OneLine.text(file.path()) + ": " + what);
    }

    private String where() {
        return OneLine.text(path.resolve(AdapterConfig.FILE));
    }

    /**
     * Writes the two files of a model's adapter, each of them atomically; the configuration comes last, so that a folder with
     * one has everything.
     *
     * @param baseName what to call the base model
     * @param dtype type of the written weights
     */
    static void write(Path folder, CausalLm model, String baseName, Dtype dtype) {
        Lora lora = model.lora().orElseThrow();
        List<TensorSource> tensors = new ArrayList<>();
        for (String name : lora.parameters().names()) {
            tensors.add(ModelWriter.source(PREFIX + name, lora.parameters().stored(name), dtype));
        }
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors);
        JsonFiles.write(
                folder.resolve(AdapterConfig.FILE),
                AdapterConfig.write(model.architecture(), lora.settings(), baseName));
    }

    @Override
    public void close() {
        file.close();
    }
}
