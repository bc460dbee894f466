package org.align4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.align4j.AlignException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which files of a model's repository are needed: configuration, tokenizer, chat templates, weights as safetensors, and
 * the licence, which goes along with what is made of them. Never another format of the weights.
 */
final class ModelFiles {
    private static final String CONFIG = "config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String ADAPTER = "adapter_model.safetensors";

    private static final Set<String> SMALL = Set.of(
            CONFIG,
            "generation_config.json",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "chat_template.json",
            "spiece.model",
            "sentencepiece.bpe.model",
            "tekken.json");

    private static final JsonMapper JSON = new JsonMapper();

    private final Set<String> files = new TreeSet<>(); // in the model's folder
    private final String folder; // of the repository, with a slash at the end; empty for its root
    private final ModelPart part;

    /** @param path folder of the model in the repository, empty for its root */
    ModelFiles(List<String> all, String path, ModelPart part) {
        this.folder = path.isEmpty() ? "" : path + "/";
        this.part = part;
        for (String file : all) {
            if (file.startsWith(folder)) {
                files.add(file.substring(folder.length()));
            }
        }
    }

    /** Whether config.json, or of an adapter its configuration, is there. */
    boolean isModel() {
        return files.contains(CONFIG) && part != ModelPart.ADAPTER || isAdapter();
    }

    private boolean isAdapter() {
        return files.contains(ADAPTER_CONFIG) && (part == ModelPart.ADAPTER || !files.contains(CONFIG));
    }

    /** All but weights, by their names in the repository. They come first: what has weights then has everything. */
    List<String> small() {
        List<String> small = new ArrayList<>();
        for (String file : files) {
            boolean wanted =
                    isSmall(file) || file.equals(INDEX) && hasShards() || file.equals(ADAPTER_CONFIG) && isAdapter();
            if (wanted) {
                small.add(folder + file);
            }
        }
        return small;
    }

    private static boolean isSmall(String file) {
        boolean isTokenizer =
                file.startsWith("tokenizer") && file.indexOf('/') < 0 && file.matches(".*(\\.json|\\.model.*)");
        return isTokenizer
                || SMALL.contains(file)
                || file.matches("(LICENSE|NOTICE|USE_POLICY)[^/]*")
                || file.matches("additional_chat_templates/[^/]+\\.jinja");
    }

    private boolean hasShards() {
        return part == ModelPart.MODEL && !isAdapter() && !files.contains(SINGLE);
    }

    /**
     * The files of weights, by their names in the repository; none where there are none that we read. If one file and
     * shards are both there, the one file counts, as in transformers.
     *
     * @param snapshot where {@link #small} files lie by now
     */
    List<String> weights(Path snapshot) {
        if (isAdapter()) {
            return files.contains(ADAPTER) ? List.of(folder + ADAPTER) : List.of();
        }
        if (files.contains(SINGLE)) {
            return List.of(folder + SINGLE);
        }
        if (!files.contains(INDEX)) {
            return List.of();
        }
        List<String> weights = new ArrayList<>();
        for (String shard : shards(snapshot.resolve(folder + INDEX))) {
            weights.add(folder + shard);
        }
        return weights;
    }

    private static Set<String> shards(Path index) {
        Set<String> shards = new TreeSet<>();
        try {
            for (JsonNode shard : JSON.readTree(Files.readString(index)).path("weight_map")) {
                shards.add(shard.asString(""));
            }
        } catch (JacksonException e) {
            throw AlignException.badInput(
                    index + ": is not JSON, expected {\"weight_map\": {…}}; take another revision", e);
        } catch (IOException e) {
            throw HubErrors.onDisk(index.toString(), e);
        }
        return shards;
    }

    /** Those of {@code wanted} that the repository does not have. */
    List<String> missing(List<String> wanted) {
        List<String> missing = new ArrayList<>();
        for (String file : wanted) {
            if (!file.startsWith(folder) || !files.contains(file.substring(folder.length()))) {
                missing.add(file);
            }
        }
        return missing;
    }

    /** The first of a snapshot's files that is not there though a model needs it; empty if nothing is missing. */
    String firstMissing(Path snapshot) {
        if (!isModel()) {
            return part == ModelPart.ADAPTER ? ADAPTER_CONFIG : CONFIG;
        }
        if (part == ModelPart.TOKENIZER) {
            return "";
        }
        List<String> weights = weights(snapshot);
        if (weights.isEmpty()) {
            return isAdapter() ? ADAPTER : SINGLE;
        }
        List<String> missing = missing(weights);
        return missing.isEmpty() ? "" : missing.get(0);
    }

    /** For messages. */
    Set<String> names() {
        return files;
    }
}
