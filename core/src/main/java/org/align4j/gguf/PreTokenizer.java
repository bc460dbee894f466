package org.align4j.gguf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How byte-level BPE cuts a text into words: a name in a GGUF file ({@code tokenizer.ggml.pre}), regular expressions in
 * tokenizer.json. Those whose expressions are the same on both sides are here. Source: {@code llama-vocab.cpp}.
 *
 * @param names what llama.cpp calls it; the first is written
 * @param json the field pre_tokenizer
 * @param wholeWordsFirst whether a word that is a token is taken before any merges ({@code ignore_merges})
 * @param composes whether the models normalise texts to NFC, which llama.cpp leaves out
 * @param addsBos whether a text begins with the begin-of-text token where a file does not say so
 */
record PreTokenizer(List<String> names, JsonNode json, boolean wholeWordsFirst, boolean composes, boolean addsBos) {
    private static final JsonMapper MAPPER = new JsonMapper();

    private static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final List<PreTokenizer> ALL = List.of(
            new PreTokenizer(List.of("gpt-2", "phi-2", "mpt", "olmo", "jais"), byteLevel(true), false, false, false),
            new PreTokenizer(List.of("smollm", "starcoder", "refact"), digits(), false, false, false),
            new PreTokenizer(List.of("llama-bpe", "llama3", "llama-v3"), split(LLAMA3), true, false, true),
            new PreTokenizer(List.of("dbrx", "smaug-bpe"), split(LLAMA3), false, false, false),
            new PreTokenizer(
                    List.of("qwen2", "deepseek-r1-qwen"), split(LLAMA3.replace("{1,3}", "")), false, true, false),
            new PreTokenizer(List.of("stablelm2"), split(LLAMA3.replace("{1,3}", "")), false, false, false));

    static Optional<PreTokenizer> named(String name) {
        for (PreTokenizer each : ALL) {
            if (each.names.contains(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** That of a tokenizer.json. */
    static Optional<PreTokenizer> matching(JsonNode preTokenizer, boolean wholeWordsFirst, boolean composes) {
        JsonNode found = plain(preTokenizer);
        for (PreTokenizer each : ALL) {
            boolean same = plain(each.json).equals(found);
            if (same && each.wholeWordsFirst == wholeWordsFirst && each.composes == composes) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    static String supported() {
        List<String> names = new ArrayList<>();
        for (PreTokenizer each : ALL) {
            names.addAll(each.names);
        }
        return String.join(", ", names);
    }

    /** Without what does not cut, and with what old files leave to be understood. */
    private static JsonNode plain(JsonNode preTokenizer) {
        JsonNode copy = preTokenizer.deepCopy();
        for (JsonNode each : copy.findParents("add_prefix_space")) {
            ObjectNode byteLevel = (ObjectNode) each;
            byteLevel.remove("trim_offsets");
            if (!byteLevel.has("use_regex")) {
                byteLevel.put("use_regex", true);
            }
        }
        return copy;
    }

    private static ObjectNode byteLevel(boolean useRegex) {
        return MAPPER.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", useRegex);
    }

    private static ObjectNode digits() {
        ObjectNode digits = MAPPER.createObjectNode().put("type", "Digits").put("individual_digits", true);
        return sequence(digits, byteLevel(true));
    }

    private static ObjectNode split(String regex) {
        ObjectNode split = MAPPER.createObjectNode().put("type", "Split");
        split.putObject("pattern").put("Regex", regex);
        split.put("behavior", "Isolated").put("invert", false);
        return sequence(split, byteLevel(false));
    }

    private static ObjectNode sequence(ObjectNode first, ObjectNode second) {
        ObjectNode sequence = MAPPER.createObjectNode().put("type", "Sequence");
        sequence.putArray("pretokenizers").add(first).add(second);
        return sequence;
    }
}
