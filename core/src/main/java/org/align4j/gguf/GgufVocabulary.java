package org.align4j.gguf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/**
 * What a GGUF file says of a folder's tokenizer: {@link GgufTokenizer} the other way round. Tokenizers that llama.cpp
 * would follow differently are refused.
 */
public final class GgufVocabulary {
    private static final int NORMAL = 1;
    private static final int BYTE = 6;
    private static final String SPACE = "▁";

    /**
     * The files of a folder; a missing one is a missing node.
     *
     * @param tokenizer tokenizer.json
     * @param naming the files that name special tokens, in the order in which they are asked
     * @param numbering the files that give their ids, likewise
     */
    public record Files(JsonNode tokenizer, List<JsonNode> naming, List<JsonNode> numbering) {}

    private final Files files;
    private final JsonNode json;
    private final JsonNode model;
    private final String where;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, Object> keys = new LinkedHashMap<>();

    private GgufVocabulary(Files files, String where) {
        this.files = files;
        this.json = files.tokenizer();
        this.model = json.path("model");
        this.where = where;
    }

    /**
     * The keys of a tokenizer and its chat templates, as {@link GgufWriter} takes them.
     *
     * @param vocabSize rows of the embedding: so many tokens there must be
     * @param templates chat templates by name, {@code default} among them; empty without
     * @param where what to call tokenizer.json in messages
     */
    public static Map<String, Object> keys(Files files, int vocabSize, Map<String, String> templates, String where) {
        GgufVocabulary vocabulary = new GgufVocabulary(files, where);
        vocabulary.addTokens(vocabSize);
        vocabulary.addSpecialTokens();
        vocabulary.addTemplates(templates);
        return vocabulary.keys;
    }

    private void put(String name, Object value) {
        keys.put(GgufTokenizer.KEY + name, value);
    }

    private void addTokens(int vocabSize) {
        require("BPE".equals(model.path("type").asString("")), "model.type", model.path("type"), "\"BPE\"");
        for (String name : List.of("continuing_subword_prefix", "end_of_word_suffix", "dropout")) {
            boolean none = model.path(name).isMissingNode()
                    || model.path(name).isNull()
                    || "".equals(model.path(name).asString("-"));
            require(none, "model." + name, model.path(name), "null");
        }
        boolean sentencePiece = model.path("byte_fallback").asBoolean(false);
        String[] tokens = new String[vocabSize];
        int[] types = new int[vocabSize];
        Arrays.fill(types, NORMAL);
        model.path("vocab").forEachEntry((token, id) -> place(token, id.asInt(-1), tokens));
        if (sentencePiece) {
            for (int id = 0; id < vocabSize; id++) {
                boolean isByte = tokens[id] != null && tokens[id].matches("<0x[0-9A-F]{2}>");
                types[id] =
                        isByte ? BYTE : tokens[id] != null && isUnknown(tokens[id]) ? GgufTokenizer.UNKNOWN : NORMAL;
            }
        }
        for (JsonNode added : json.path("added_tokens")) {
            String token = added.path("content").asString("");
            for (String flag : List.of("single_word", "lstrip", "rstrip")) {
                require(
                        !added.path(flag).asBoolean(false),
                        flag + " of " + Damage.quoted(token),
                        added.path(flag),
                        "false");
            }
            int id = added.path("id").asInt(-1);
            place(token, id, tokens);
            if (types[id] != GgufTokenizer.UNKNOWN) {
                types[id] = added.path("special").asBoolean(false) ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED;
            }
        }
        for (int id = 0; id < vocabSize; id++) {
            if (tokens[id] == null) {
                tokens[id] = GgufTokenizer.filler(id);
                types[id] = GgufTokenizer.UNUSED;
            }
        }
        put("model", sentencePiece ? GgufTokenizer.SENTENCE_PIECE : GgufTokenizer.BPE);
        if (sentencePiece) {
            addSentencePiece(tokens, types);
        } else {
            addBpe(tokens, types);
        }
    }

    private void place(String token, int id, String[] tokens) {
        if (id < 0 || id >= tokens.length) {
            throw AlignException.badInput(where + ": token " + Damage.quoted(token) + " has id " + id
                    + ", the model's vocabulary ends at " + (tokens.length - 1)
                    + "; take the tokenizer that belongs to the model");
        }
        tokens[id] = token;
        ids.put(token, id);
    }

    private boolean isUnknown(String token) {
        return token.equals(model.path("unk_token").asString(""));
    }

    private void addBpe(String[] tokens, int[] types) {
        JsonNode normalizer = json.path("normalizer");
        boolean composes = "NFC".equals(normalizer.path("type").asString(""));
        require(composes || isNothing(normalizer), "normalizer", normalizer, "null or NFC");
        PreTokenizer pre = PreTokenizer.matching(
                        json.path("pre_tokenizer"), model.path("ignore_merges").asBoolean(false), composes)
                .orElseThrow(() -> refused(
                        "pre_tokenizer",
                        json.path("pre_tokenizer"),
                        "with normalizer and ignore_merges one that llama.cpp calls " + PreTokenizer.supported()));
        put("pre", pre.names().get(0));
        put("tokens", List.of(tokens));
        put("token_type", types);
        List<String> merges = new ArrayList<>();
        for (Merges.Merge merge : merges()) {
            merges.add(merge.left() + " " + merge.right());
        }
        put("merges", merges);
    }

    private void addSentencePiece(String[] tokens, int[] types) {
        Map<String, Integer> vocab = new LinkedHashMap<>();
        model.path("vocab").forEachEntry((token, id) -> vocab.put(token, id.asInt()));
        Map<String, Float> made = Merges.toScores(merges(), new LinkedHashSet<>(vocab.keySet()))
                .orElseThrow(() -> AlignException.badInput(where + ": the merges do not follow from scores of tokens,"
                        + " as llama.cpp needs for byte_fallback; keep the Hugging Face folder"));
        float[] scores = new float[tokens.length];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = made.getOrDefault(tokens[id], 0f);
        }
        put("pre", "default");
        put("tokens", List.of(tokens));
        put("scores", scores);
        put("token_type", types);
        put("add_space_prefix", addsSpace());
    }

    /** Whether a text gets a space in front. Spaces become ▁ in the normalizer, or in a pre-tokenizer Metaspace. */
    private boolean addsSpace() {
        JsonNode pre = json.path("pre_tokenizer");
        JsonNode normalizer = json.path("normalizer");
        if ("Metaspace".equals(pre.path("type").asString("")) && isNothing(normalizer)) {
            boolean whole = !pre.path("split").asBoolean(true)
                    && SPACE.equals(pre.path("replacement").asString(""));
            require(whole, "pre_tokenizer", pre, "Metaspace with ▁ that does not split");
            return !"never".equals(pre.path("prepend_scheme").asString("always"));
        }
        boolean splitsNothing = isNothing(pre)
                || "Split".equals(pre.path("type").asString(""))
                        && " ".equals(pre.path("pattern").path("String").asString(""));
        require(splitsNothing, "pre_tokenizer", pre, "null or Metaspace");
        List<JsonNode> steps = new ArrayList<>();
        if ("Sequence".equals(normalizer.path("type").asString(""))) {
            normalizer.path("normalizers").forEach(steps::add);
        } else {
            steps.add(normalizer);
        }
        boolean prepends = SPACE.equals(steps.get(0).path("prepend").asString(""));
        JsonNode last = steps.get(steps.size() - 1);
        boolean replaces = " ".equals(last.path("pattern").path("String").asString(""))
                && SPACE.equals(last.path("content").asString(""));
        require(
                replaces && steps.size() == (prepends ? 2 : 1),
                "normalizer",
                normalizer,
                "one that puts ▁ for spaces and perhaps in front");
        return prepends;
    }

    private List<Merges.Merge> merges() {
        List<Merges.Merge> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            String[] parts = merge.isArray()
                    ? new String[] {merge.path(0).asString(""), merge.path(1).asString("")}
                    : merge.asString("").split(" ", 2);
            if (parts.length != 2) {
                throw refused("model.merges", merge, "pairs of tokens");
            }
            merges.add(new Merges.Merge(parts[0], parts[1]));
        }
        return merges;
    }

    private void addSpecialTokens() {
        GgufTokenizer.SPECIAL.forEach((name, key) -> idOf(name).ifPresent(id -> keys.put(key, id)));
        List<Integer> ends = otherEnds();
        for (int i = 0; i < Math.min(ends.size(), GgufTokenizer.OTHER_ENDS.size()); i++) {
            put(GgufTokenizer.OTHER_ENDS.get(i), ends.get(i));
        }
        List<JsonNode> processors = new ArrayList<>();
        collect(json.path("post_processor"), processors);
        boolean bos = false;
        boolean eos = false;
        for (JsonNode processor : processors) {
            boolean before = true;
            for (JsonNode part : processor.path("single")) {
                String token = part.path("SpecialToken").path("id").asString("");
                if (part.has("Sequence")) {
                    before = false;
                } else if (before && !bos && isSpecial(token, "bos_token")) {
                    bos = true;
                } else if (!before && !eos && isSpecial(token, "eos_token")) {
                    eos = true;
                } else {
                    throw refused("post_processor", processor.path("single"), "bos, the text and eos at most");
                }
            }
        }
        put("add_bos_token", bos);
        put("add_eos_token", eos);
    }

    private void collect(JsonNode processor, List<JsonNode> templates) {
        switch (processor.path("type").asString("")) {
            case "TemplateProcessing" -> templates.add(processor);
            case "Sequence" -> processor.path("processors").forEach(each -> collect(each, templates));
            case "ByteLevel" -> {}
            default -> require(isNothing(processor), "post_processor", processor.path("type"), "TemplateProcessing");
        }
    }

    private boolean isSpecial(String token, String name) {
        return ids.containsKey(token) && idOf(name).equals(Optional.of(ids.get(token)));
    }

    /** As the rest of this program finds it: by the token's name first, then by its id. */
    private Optional<Integer> idOf(String name) {
        for (JsonNode file : files.naming()) {
            JsonNode named = file.path(name);
            String content = named.isObject() ? named.path("content").asString("") : named.asString("");
            if (ids.containsKey(content)) {
                return Optional.of(ids.get(content));
            }
        }
        for (JsonNode file : files.numbering()) {
            JsonNode id = file.path(name + "_id");
            JsonNode first = id.isArray() ? id.path(0) : id;
            if (first.isInt()) {
                return Optional.of(first.asInt());
            }
        }
        return Optional.empty();
    }

    /** Tokens that end answers besides the end of text. */
    private List<Integer> otherEnds() {
        Set<Integer> ends = new LinkedHashSet<>();
        for (JsonNode file : files.numbering()) {
            JsonNode listed = file.path("eos_token_id");
            listed.forEach(id -> ends.add(id.asInt(-1)));
            ends.add(listed.asInt(-1));
        }
        ends.remove(-1);
        idOf("eos_token").ifPresent(ends::remove);
        return List.copyOf(ends);
    }

    private void addTemplates(Map<String, String> templates) {
        List<String> others = new ArrayList<>();
        templates.forEach((name, template) -> {
            boolean isDefault = name.equals("default");
            keys.put(isDefault ? GgufTokenizer.TEMPLATE : GgufTokenizer.TEMPLATE + "." + name, template);
            if (!isDefault) {
                others.add(name);
            }
        });
        if (!others.isEmpty()) {
            keys.put(GgufTokenizer.TEMPLATES, others);
        }
    }

    private static boolean isNothing(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private void require(boolean holds, String field, JsonNode found, String expected) {
        if (!holds) {
            throw refused(field, found, expected);
        }
    }

    private AlignException refused(String field, JsonNode found, String expected) {
        return AlignException.badInput(where + ": " + field + " is " + Damage.shown(found)
                + ", which a GGUF file cannot express; expected " + expected + "; keep the Hugging Face folder");
    }
}
