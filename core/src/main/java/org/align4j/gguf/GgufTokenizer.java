package org.align4j.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokenizer of a GGUF file as Hugging Face's files say it: byte-level BPE ({@code gpt2}) and SentencePiece's BPE
 * ({@code llama}). Source: {@code llama-vocab.cpp} for what the keys mean and what holds where they are missing.
 */
final class GgufTokenizer {
    static final String KEY = "tokenizer.ggml.";
    static final String TEMPLATE = "tokenizer.chat_template";
    static final String TEMPLATES = "tokenizer.chat_templates";
    static final String BPE = "gpt2";
    static final String SENTENCE_PIECE = "llama";

    /** Keys of tokens that end an answer besides the end of text: the end of a turn and that of a message. */
    static final List<String> OTHER_ENDS = List.of("eot_token_id", "eom_token_id");

    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;

    /** Names of special tokens in tokenizer_config.json, and the keys of their ids. */
    static final Map<String, String> SPECIAL = specialKeys();

    private final JsonMapper mapper = new JsonMapper();
    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final List<Long> types;
    private final boolean sentencePiece;

    GgufTokenizer(GgufMetadata metadata) {
        this.metadata = metadata;
        String model = metadata.requireString(KEY + "model");
        if (!model.equals(BPE) && !model.equals(SENTENCE_PIECE)) {
            throw metadata.unsupported(
                    KEY + "model", model, "supported: gpt2, llama; of other models take the Hugging Face folder");
        }
        sentencePiece = model.equals(SENTENCE_PIECE);
        tokens = metadata.requireList(KEY + "tokens", String.class, "texts");
        types = metadata.getList(KEY + "token_type", Long.class, "whole numbers")
                .orElse(List.of());
        if (!types.isEmpty() && types.size() != tokens.size()) {
            throw metadata.invalid(
                    KEY + "token_type has " + types.size() + " elements, " + KEY + "tokens has " + tokens.size());
        }
    }

    private static Map<String, String> specialKeys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("bos_token", KEY + "bos_token_id");
        keys.put("eos_token", KEY + "eos_token_id");
        keys.put("pad_token", KEY + "padding_token_id");
        keys.put("unk_token", KEY + "unknown_token_id");
        return keys;
    }

    /** tokenizer.json. */
    ObjectNode tokenizer() {
        ObjectNode json = mapper.createObjectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        addAddedTokens(json.putArray("added_tokens"));
        if (sentencePiece) {
            addSentencePiece(json);
        } else {
            addBpe(json);
        }
        return json;
    }

    private int type(int id) {
        return types.isEmpty() ? 1 : (int) Math.min(types.get(id), Integer.MAX_VALUE);
    }

    private void addAddedTokens(ArrayNode added) {
        for (int id = 0; id < tokens.size(); id++) {
            boolean special = type(id) == CONTROL || sentencePiece && type(id) == UNKNOWN;
            if (special || type(id) == USER_DEFINED) {
                added.addObject()
                        .put("id", id)
                        .put("content", tokens.get(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", special);
            }
        }
    }

    private void addBpe(ObjectNode json) {
        String name = metadata.getString(KEY + "pre").orElse("default");
        PreTokenizer pre = PreTokenizer.named(name)
                .orElseThrow(() -> metadata.unsupported(
                        KEY + "pre",
                        name,
                        "supported: " + PreTokenizer.supported() + "; of other models take the Hugging Face folder"));
        if (pre.composes()) {
            json.putObject("normalizer").put("type", "NFC");
        } else {
            json.putNull("normalizer");
        }
        json.set("pre_tokenizer", pre.json().deepCopy());
        addPostProcessor(json, pre.addsBos());
        json.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode model = addModel(json, pre.wholeWordsFirst());
        ArrayNode merges = model.putArray("merges");
        for (String merge : metadata.requireList(KEY + "merges", String.class, "texts")) {
            merges.add(merge);
        }
    }

    private void addSentencePiece(ObjectNode json) {
        boolean prefix = metadata.getBoolean(KEY + "add_space_prefix", true);
        ArrayNode normalizers =
                json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (prefix) {
            normalizers.addObject().put("type", "Prepend").put("prepend", "▁");
        }
        normalizers
                .addObject()
                .put("type", "Replace")
                .put("content", "▁")
                .putObject("pattern")
                .put("String", " ");
        json.putNull("pre_tokenizer");
        addPostProcessor(json, true);
        ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        decoders.addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("String", "▁");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (prefix) {
            decoders.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
        ObjectNode model = addModel(json, false);
        idOf("unknown_token_id").or(this::unknown).ifPresent(id -> model.put("unk_token", tokens.get(id)));
        model.put("fuse_unk", true).put("byte_fallback", true);
        ArrayNode merges = model.putArray("merges");
        for (Merges.Merge merge : Merges.ofScores(tokens, scores())) {
            merges.addArray().add(merge.left()).add(merge.right());
        }
    }

    private float[] scores() {
        List<Float> found = metadata.requireList(KEY + "scores", Float.class, "numbers (float32)");
        if (found.size() != tokens.size()) {
            throw metadata.invalid(
                    KEY + "scores has " + found.size() + " elements, " + KEY + "tokens has " + tokens.size());
        }
        float[] scores = new float[found.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = found.get(i);
        }
        return scores;
    }

    private ObjectNode addModel(ObjectNode json, boolean wholeWordsFirst) {
        ObjectNode model = json.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", wholeWordsFirst);
        ObjectNode vocab = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            if (!isFiller(id) && vocab.replace(tokens.get(id), IntNode.valueOf(id)) != null) {
                throw metadata.invalid(KEY + "tokens has a token twice: " + Damage.quoted(tokens.get(id)));
            }
        }
        return model;
    }

    /** A row of the embedding that no token has: files need a name for it all the same. */
    static String filler(int id) {
        return "[PAD" + id + "]";
    }

    private boolean isFiller(int id) {
        return type(id) == UNUSED && tokens.get(id).equals(filler(id));
    }

    private void addPostProcessor(ObjectNode json, boolean addsBos) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        if (metadata.getBoolean(KEY + "add_bos_token", addsBos)) {
            idOf("bos_token_id").ifPresent(id -> before.add(tokens.get(id)));
        }
        if (metadata.getBoolean(KEY + "add_eos_token", false)) {
            idOf("eos_token_id").ifPresent(id -> after.add(tokens.get(id)));
        }
        if (before.isEmpty() && after.isEmpty()) {
            json.putNull("post_processor");
            return;
        }
        ObjectNode template = json.putObject("post_processor").put("type", "TemplateProcessing");
        addSequence(template.putArray("single"), "A", before, after);
        ArrayNode pair = template.putArray("pair");
        addSequence(pair, "A", before, after);
        addSequence(pair, "B", before, after);
        ObjectNode specials = template.putObject("special_tokens");
        before.addAll(after);
        for (String token : before) {
            ObjectNode special = specials.putObject(token).put("id", token);
            special.putArray("ids").add(tokens.indexOf(token));
            special.putArray("tokens").add(token);
        }
    }

    private static void addSequence(ArrayNode parts, String name, List<String> before, List<String> after) {
        for (String token : before) {
            parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        }
        parts.addObject().putObject("Sequence").put("id", name).put("type_id", 0);
        for (String token : after) {
            parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        }
    }

    /** tokenizer_config.json. */
    ObjectNode config(Optional<Integer> contextLength) {
        ObjectNode json = mapper.createObjectNode();
        SPECIAL.forEach(
                (name, key) -> idOf(key.substring(KEY.length())).ifPresent(id -> json.put(name, tokens.get(id))));
        List<String> others = metadata.getList(TEMPLATES, String.class, "texts").orElse(List.of());
        Optional<String> template = metadata.getString(TEMPLATE);
        if (others.isEmpty()) {
            template.ifPresent(text -> json.put("chat_template", text));
        } else {
            ArrayNode templates = json.putArray("chat_template");
            template.ifPresent(
                    text -> templates.addObject().put("name", "default").put("template", text));
            for (String name : others) {
                templates.addObject().put("name", name).put("template", metadata.requireString(TEMPLATE + "." + name));
            }
        }
        json.put("clean_up_tokenization_spaces", false);
        contextLength.ifPresent(length -> json.put("model_max_length", length));
        return json.put("tokenizer_class", "PreTrainedTokenizerFast");
    }

    /** generation_config.json: the tokens that begin and end a text. */
    ObjectNode generation() {
        ObjectNode json = mapper.createObjectNode();
        idOf("bos_token_id").ifPresent(id -> json.put("bos_token_id", id));
        Set<Integer> ends = new LinkedHashSet<>();
        idOf("eos_token_id").ifPresent(ends::add);
        for (String name : OTHER_ENDS) {
            idOf(name).ifPresent(ends::add);
        }
        if (ends.size() == 1) {
            json.put("eos_token_id", ends.iterator().next());
        } else if (!ends.isEmpty()) {
            ends.forEach(json.putArray("eos_token_id")::add);
        }
        idOf("padding_token_id").ifPresent(id -> json.put("pad_token_id", id));
        return json;
    }

    private Optional<Integer> idOf(String name) {
        Optional<Integer> id = metadata.getInt(KEY + name);
        if (id.isPresent() && id.get() >= tokens.size()) {
            throw metadata.invalid(KEY + name + " is " + id.get() + ", the last token is " + (tokens.size() - 1));
        }
        return id;
    }

    private Optional<Integer> unknown() {
        int id = types.indexOf((long) UNKNOWN);
        return id < 0 ? Optional.empty() : Optional.of(id);
    }
}
