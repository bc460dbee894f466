package org.align4j.gguf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Hugging Face folder that a GGUF file stands for, without its weights: what a tokenizer, a chat template and
 * sampling need. Each file is made when it is asked for.
 */
public final class GgufFolder {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String GENERATION = "generation_config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

    private final GgufTokenizer tokenizer;
    private final Optional<Integer> contextLength;

    private GgufFolder(GgufFile file) {
        tokenizer = new GgufTokenizer(file.metadata());
        String family = GgufConfig.family(file).architecture();
        contextLength = file.metadata().getInt(family + ".context_length");
    }

    /** Needs the file only now. */
    public static GgufFolder of(GgufFile file) {
        return new GgufFolder(file);
    }

    /** The same of a file that nobody has open. */
    public static GgufFolder of(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            return of(file);
        }
    }

    /** The content of config.json, which needs the file besides. */
    public static ObjectNode config(GgufFile file) {
        return GgufConfig.of(file);
    }

    /** What there is besides config.json and the weights, sorted. */
    public static List<String> names() {
        return List.of(GENERATION, TOKENIZER, TOKENIZER_CONFIG);
    }

    /**
     * The content of one of these files.
     *
     * @throws IllegalArgumentException for other names
     * @throws org.align4j.AlignException if the metadata hold no such thing
     */
    public ObjectNode json(String name) {
        return switch (name) {
            case GENERATION -> tokenizer.generation();
            case TOKENIZER -> tokenizer.tokenizer();
            case TOKENIZER_CONFIG -> tokenizer.config(contextLength);
            default -> throw new IllegalArgumentException("no file " + name);
        };
    }

    /** The same in UTF-8, to be read or written as a file. */
    public byte[] read(String name) {
        return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(name)) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
