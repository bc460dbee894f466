package org.align4j.text;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import org.align4j.AlignException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What the files of a tokenizer say beside the tokenization itself, which is the native library's: vocabulary size,
 * special tokens, and a hash of it all.
 */
final class TokenizerFiles {
    private static final String TOKENIZER = "tokenizer.json";

    /** In the order in which they are asked for the name of a special token. */
    private static final List<String> NAMING_FILES = List.of("tokenizer_config.json", "special_tokens_map.json");

    /** In the order in which they are asked for its id, when no file names the token. */
    private static final List<String> ID_FILES = List.of("config.json", "generation_config.json");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE) // a compiled SentencePiece normalizer is one string
                            .build())
                    .build())
            .build();

    private record AddedToken(int id, String content) {}

    /** The part of tokenizer.json that we read; merges, the bulk of it, are skipped without being built. */
    private record TokenizerJson(
            @JsonProperty("added_tokens") List<AddedToken> addedTokens, Model model) {
        private record Model(String type, JsonNode vocab) {}
    }

    private final ModelFiles files;
    private final TokenizerJson tokenizer;

    TokenizerFiles(Path model) {
        this.files = ModelFiles.of(model);
        Path file = files.path(TOKENIZER);
        if (!files.has(TOKENIZER)) {
            throw AlignException.badInput(model + ": there is no tokenizer.json, expected a Hugging Face model folder"
                    + " with a fast tokenizer; in Python,"
                    + " AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER) writes one");
        }
        try {
            this.tokenizer = JSON.readValue(files.read(TOKENIZER), TokenizerJson.class);
        } catch (JacksonException e) {
            throw damaged(file, e);
        }
        if (tokenizer == null || tokenizer.model() == null || tokenizer.model().vocab() == null) {
            throw AlignException.badInput(
                    file + ": field model.vocab is missing, expected the vocabulary; download the file again");
        }
    }

    /** For the native library. */
    InputStream tokenizerJson() {
        return new ByteArrayInputStream(files.read(TOKENIZER));
    }

    /** What to call tokenizer.json in messages. */
    Path tokenizerPath() {
        return files.path(TOKENIZER);
    }

    /** One more than the largest id, added tokens included. */
    int vocabSize() {
        int largest = -1;
        JsonNode vocab = tokenizer.model().vocab();
        if (vocab.isArray()) { // Unigram: pieces in the order of their ids
            largest = vocab.size() - 1;
        } else {
            for (JsonNode id : vocab) {
                largest = Math.max(largest, id.asInt(-1));
            }
        }
        for (AddedToken token : addedTokens()) {
            largest = Math.max(largest, token.id());
        }
        return largest + 1;
    }

    /**
     * The id of a special token: that of the token which the tokenizer's files name, else that which the model's
     * configuration gives (the first, if it lists several).
     *
     * @param name {@code bos} or {@code eos}
     */
    OptionalInt specialId(String name) {
        for (String file : NAMING_FILES) {
            JsonNode named = read(file).path(name + "_token");
            String content = named.isObject() ? named.path("content").asString("") : named.asString("");
            OptionalInt id = content.isEmpty() ? OptionalInt.empty() : idOf(content);
            if (id.isPresent()) {
                return id;
            }
        }
        for (String file : ID_FILES) {
            JsonNode id = read(file).path(name + "_token_id");
            JsonNode first = id.isArray() ? id.path(0) : id;
            if (first.isInt()) {
                return OptionalInt.of(first.asInt());
            }
        }
        return OptionalInt.empty();
    }

    /** Whether transformers removes spaces before punctuation after decoding: if asked to, but never for BPE. */
    boolean cleansUpSpaces() {
        return read("tokenizer_config.json")
                        .path("clean_up_tokenization_spaces")
                        .asBoolean(false)
                && !"BPE".equals(tokenizer.model().type());
    }

    /** SHA-256 in hexadecimal of the files that decide the ids of a text. */
    String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(files.read(TOKENIZER));
            for (String name : NAMING_FILES) {
                if (files.has(name)) {
                    digest.update(name.getBytes(StandardCharsets.UTF_8));
                    digest.update(files.read(name));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private OptionalInt idOf(String content) {
        for (AddedToken token : addedTokens()) {
            if (content.equals(token.content())) {
                return OptionalInt.of(token.id());
            }
        }
        JsonNode vocab = tokenizer.model().vocab();
        if (vocab.isObject() && vocab.has(content)) {
            return OptionalInt.of(vocab.get(content).asInt());
        }
        for (int id = 0; vocab.isArray() && id < vocab.size(); id++) {
            if (content.equals(vocab.get(id).path(0).asString(""))) {
                return OptionalInt.of(id);
            }
        }
        return OptionalInt.empty();
    }

    private List<AddedToken> addedTokens() {
        return tokenizer.addedTokens() == null ? List.of() : tokenizer.addedTokens();
    }

    private JsonNode read(String name) {
        return read(files, name);
    }

    /** A file of JSON; missing where there is none. */
    static JsonNode read(ModelFiles files, String name) {
        if (!files.has(name)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(files.read(name));
        } catch (JacksonException e) {
            throw damaged(files.path(name), e);
        }
    }

    /** A text of JSON; missing where it is something else and may be. */
    static JsonNode json(String text, Path file, boolean mayBeOther) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            if (mayBeOther) {
                return MissingNode.getInstance();
            }
            throw damaged(file, e);
        }
    }

    private static AlignException damaged(Path file, JacksonException e) {
        return AlignException.badInput(
                "%s:%d:%d: broken JSON: %s; download the file again"
                        .formatted(
                                file,
                                e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                                e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                                e.getOriginalMessage().replaceAll("\\s+", " ")),
                e);
    }
}
