package org.align4j.gguf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Hugging Face folder that a GGUF file stands for, without its weights: what a tokenizer, a chat template and
 * sampling need.
 */
public final class GgufFolder {
    private static final JsonMapper MAPPER = new JsonMapper();

    private GgufFolder() {}

    /** The content of config.json. */
    public static ObjectNode config(GgufFile file) {
        return GgufConfig.of(file);
    }

    /** tokenizer.json, tokenizer_config.json and generation_config.json by name, in UTF-8. */
    public static Map<String, byte[]> files(GgufFile file) {
        GgufTokenizer tokenizer = new GgufTokenizer(file.metadata());
        GgufFamily family = GgufConfig.family(file);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("generation_config.json", bytes(tokenizer.generation()));
        files.put("tokenizer.json", bytes(tokenizer.tokenizer()));
        files.put(
                "tokenizer_config.json",
                bytes(tokenizer.config(file.metadata().getInt(family.architecture() + ".context_length"))));
        return files;
    }

    /** The same of a file that nobody else has open. */
    public static Map<String, byte[]> files(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            return files(file);
        }
    }

    private static byte[] bytes(ObjectNode json) {
        return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
