package org.align4j.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/**
 * Which files hold the weights of a model folder: {@code model.safetensors}, or the shards that
 * {@code model.safetensors.index.json} names. If both are there the single file counts, as in transformers.
 */
final class WeightFiles {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";
    private static final String REMEDY = "download or export the model again";

    private WeightFiles() {}

    /**
     * Opens all weight files of a folder.
     *
     * @return name of the file → the file, in order of names; whoever calls closes them
     * @throws AlignException if there are none, the index is broken, or index and files disagree
     */
    static Map<String, SafetensorsFile> open(Path folder) {
        if (Files.exists(folder.resolve(SINGLE))) {
            return openAll(folder, Set.of(SINGLE));
        }
        Path index = folder.resolve(INDEX);
        if (!Files.exists(index)) {
            throw AlignException.badInput(OneLine.text(folder) + ": has neither " + SINGLE + " nor " + INDEX + "; "
                    + FolderContents.describe(folder));
        }
        Map<String, String> fileOfTensor = readIndex(index);
        Set<String> names = new TreeSet<>(fileOfTensor.values());
        checkPresent(folder, names, index);
        Map<String, SafetensorsFile> files = openAll(folder, names);
        try {
            checkIndex(files, fileOfTensor, index);
            return files;
        } catch (RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    static void closeAll(Map<String, SafetensorsFile> files) {
        for (SafetensorsFile file : files.values()) {
            file.close();
        }
    }

    private static Map<String, SafetensorsFile> openAll(Path folder, Set<String> names) {
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        try {
            for (String name : names) {
                files.put(name, SafetensorsFile.open(folder.resolve(name)));
            }
            return files;
        } catch (RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    private static Map<String, String> readIndex(Path index) {
        JsonNode weightMap = JsonFiles.readObject(index).get("weight_map");
        if (weightMap == null || !weightMap.isObject() || weightMap.isEmpty()) {
            throw broken(index, "has no weight_map, expected an object {tensor: file}");
        }
        Map<String, String> fileOfTensor = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
            String file = entry.getValue().isString() ? entry.getValue().stringValue() : "";
            if (!isPlainName(file)) {
                throw broken(
                        index,
                        "tensor " + OneLine.name(entry.getKey()) + " lies in " + OneLine.text(entry.getValue())
                                + ", expected the plain name of a .safetensors file in the same folder");
            }
            fileOfTensor.put(entry.getKey(), file);
        }
        return fileOfTensor;
    }

    /** A downloaded index must not make us read files elsewhere. A link under a plain name is the user's own: hub caches are made of them. */
    private static boolean isPlainName(String name) {
        return name.endsWith(".safetensors")
                && name.indexOf('/') < 0
                && name.indexOf('\\') < 0
                && name.indexOf(':') < 0
                && name.indexOf('\0') < 0;
    }

    private static void checkPresent(Path folder, Set<String> names, Path index) {
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw broken(
                    index, "names " + names.size() + " weight files, missing in the folder: " + OneLine.names(missing));
        }
    }

    private static void checkIndex(Map<String, SafetensorsFile> files, Map<String, String> fileOfTensor, Path index) {
        for (Map.Entry<String, String> entry : fileOfTensor.entrySet()) {
            if (!files.get(entry.getValue()).tensors().containsKey(entry.getKey())) {
                throw broken(
                        index,
                        "tensor " + OneLine.name(entry.getKey()) + " should lie in " + OneLine.text(entry.getValue())
                                + ", which does not have it");
            }
        }
        Map<String, String> seen = new LinkedHashMap<>();
        for (Map.Entry<String, SafetensorsFile> file : files.entrySet()) {
            for (String tensor : file.getValue().tensors().keySet()) {
                String other = seen.put(tensor, file.getKey());
                if (other != null) {
                    throw broken(
                            index,
                            "tensor " + OneLine.name(tensor) + " is in two files, " + OneLine.text(other) + " and "
                                    + OneLine.text(file.getKey()) + ", expected in one");
                }
            }
        }
    }

    private static AlignException broken(Path index, String what) {
        return AlignException.badInput(OneLine.text(index) + ": " + what + "; " + REMEDY);
    }
}
