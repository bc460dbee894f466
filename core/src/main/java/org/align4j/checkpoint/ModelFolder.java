package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFamily;
import org.align4j.gguf.GgufFile;
import org.align4j.gguf.GgufFolder;
import org.align4j.model.Architectures;
import org.align4j.model.HfConfig;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Hugging Face model folder opened for reading: config.json, the weights in one file or in shards, and the files to
 * carry over. What config.json means is the business of the model families. A GGUF file opens as the folder that it
 * stands for.
 */
public final class ModelFolder implements AutoCloseable {
    private static final String CONFIG = "config.json";

    private final Path path;
    private final ObjectNode config;
    private final Map<String, ? extends WeightFile> files;
    private final Optional<GgufFolder> gguf; // what a folder has as files
    private final Map<String, TensorInfo> tensors;
    private final Map<String, WeightFile> fileOfTensor;

    private ModelFolder(
            Path path, ObjectNode config, Map<String, ? extends WeightFile> files, Optional<GgufFolder> gguf) {
        this.path = path;
        this.config = config;
        this.files = files;
        this.gguf = gguf;
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        fileOfTensor = new LinkedHashMap<>();
        for (WeightFile file : files.values()) {
            for (TensorInfo info : file.tensors().values()) {
                infos.put(info.name(), info);
                fileOfTensor.put(info.name(), file);
            }
        }
        tensors = Collections.unmodifiableMap(infos);
    }

    /**
     * Opens a folder and checks that config.json, index and headers of all weight files are whole and agree; or a GGUF
     * file and its header. No weights are read.
     *
     * @throws AlignException saying what was found instead
     */
    public static ModelFolder open(Path path) {
        if (!Files.exists(path)) {
            throw AlignException.usage(OneLine.text(path) + ": no such folder, expected one with config.json and "
                    + WeightFiles.SINGLE + "; check the path or download the model");
        }
        if (GgufFile.isOne(path)) {
            return openGguf(path);
        }
        if (!Files.isDirectory(path)) {
            throw AlignException.usage(OneLine.text(path)
                    + ": is a file, expected the folder of a model or a GGUF file; name the folder that holds it");
        }
        if (!Files.exists(path.resolve(CONFIG))) {
            throw AlignException.badInput(
                    OneLine.text(path) + ": has no config.json; " + FolderContents.describe(path));
        }
        ObjectNode config = JsonFiles.readObject(path.resolve(CONFIG));
        return new ModelFolder(path, config, WeightFiles.open(path), Optional.empty());
    }

    /**
     * The same without a look at weights: a model that is to be made from config.json alone.
     *
     * @throws AlignException as {@link #open}, but for what is said of weights
     */
    public static ModelFolder openWithoutWeights(Path path) {
        if (GgufFile.isOne(path) || !Files.exists(path.resolve(CONFIG))) {
            return open(path); // says what is wrong
        }
        return new ModelFolder(path, JsonFiles.readObject(path.resolve(CONFIG)), Map.of(), Optional.empty());
    }

    private static ModelFolder openGguf(Path path) {
        GgufFile file = GgufFile.open(path);
        try {
            ObjectNode config = GgufFolder.config(file);
            GgufFamily family = GgufFamily.ofClass(
                            config.get("architectures").get(0).stringValue())
                    .orElseThrow();
            int headWidth = Architectures.parse(new HfConfig(config, path.toString()))
                    .dimensions()
                    .headWidth();
            GgufWeights weights = new GgufWeights(file, family, headWidth);
            return new ModelFolder(
                    path, config, Map.of(path.getFileName().toString(), weights), Optional.of(GgufFolder.of(file)));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /** The content of config.json. */
    public ObjectNode config() {
        return config;
    }

    /** What to call config.json in messages. */
    public String configName() {
        return gguf.isEmpty() ? path.resolve(CONFIG).toString() : path.toString();
    }

    /** Another file of the folder that holds a JSON object, if it is there. */
    public Optional<ObjectNode> json(String name) {
        if (gguf.isPresent()) {
            boolean known = GgufFolder.names().contains(name);
            return known ? Optional.of(gguf.get().json(name)) : Optional.empty();
        }
        Path file = path.resolve(name);
        return Files.exists(file) ? Optional.of(JsonFiles.readObject(file)) : Optional.empty();
    }

    /** All tensors of all files by name, in the order of files and data. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /** The file a tensor lies in. */
    public Path fileOf(String tensor) {
        return file(tensor).path();
    }

    /** See {@link SafetensorsFile#chunks(String)}. */
    public List<ByteBuffer> chunks(String tensor) {
        return file(tensor).chunks(tensor);
    }

    /** See {@link SafetensorsFile#chunks(String, long, long)}. */
    public List<ByteBuffer> chunks(String tensor, long from, long count) {
        return file(tensor).chunks(tensor, from, count);
    }

    /** See {@link SafetensorsFile#bytes(String)}. */
    public ByteBuffer bytes(String tensor) {
        return file(tensor).bytes(tensor);
    }

    /**
     * Checks, before anything is allocated, that the folder holds every tensor that a model needs, in the right shape
     * and as F64, F32, F16 or BF16, and none that it would silently drop.
     *
     * @param expected name → shape
     * @param ignored names that may be there besides, for instance {@code lm_head.weight} where it is tied to the
     *     embedding; an entry that begins with {@code *} stands for every name that ends with the rest of it. Masks and
     *     rotary frequencies that old versions of transformers stored are always ignored
     * @throws AlignException naming the tensor, its file, what was found and what was expected
     */
    public void checkAgainst(Map<String, long[]> expected, Set<String> ignored) {
        WeightCheck.check(this, expected, ignored);
    }

    /**
     * What tells these weights from any others: the SHA-256, in hex, of what {@code sha256sum *.safetensors} prints
     * for the weight files in the order of their names; of a GGUF file, of its own line. Reads every byte of them.
     */
    public String weightsHash() {
        return WeightsHash.of(List.copyOf(files.values()));
    }

    /**
     * The files to copy unchanged into the folder of a model trained from this one: tokenizer, chat template, generation
     * defaults and licence, sorted by name. Not config.json: it says what the new weights are.
     */
    public List<Path> carriedFiles() {
        List<Path> carried = new ArrayList<>();
        if (gguf.isPresent()) {
            return carried;
        }
        for (String name : FolderContents.names(path)) {
            if (FolderContents.isCarried(name)) {
                carried.add(path.resolve(name));
            }
        }
        return carried;
    }

    /** The contents of {@link #carriedFiles} by name; of a GGUF file, what is carried over instead. */
    public Map<String, byte[]> carried() {
        Map<String, byte[]> carried = new LinkedHashMap<>();
        if (gguf.isPresent()) {
            for (String name : GgufFolder.names()) {
                carried.put(name, gguf.get().read(name));
            }
        }
        for (Path file : carriedFiles()) {
            try {
                carried.put(file.getFileName().toString(), Files.readAllBytes(file));
            } catch (IOException e) {
                throw IoProblems.reading(file, e);
            }
        }
        return carried;
    }

    @Override
    public void close() {
        for (WeightFile file : files.values()) {
            file.close();
        }
    }

    private WeightFile file(String tensor) {
        WeightFile file = fileOfTensor.get(tensor);
        if (file == null) {
            throw AlignException.badInput(OneLine.text(path) + ": has no tensor " + OneLine.name(tensor) + ", only "
                    + OneLine.names(tensors.keySet()) + "; check the name");
        }
        return file;
    }
}
