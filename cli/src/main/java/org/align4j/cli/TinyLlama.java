package org.align4j.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.exact.ReviewWorld;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a tiny Llama that speaks the language of a world is made from: a config.json and a tokenizer, no weights yet. */
final class TinyLlama {
    private static final JsonMapper MAPPER = new JsonMapper();
    /**
     * The only special token. Every token must occur in the texts: the output row of one that never does has tiny
     * gradients of constant sign, which Adam turns into full steps, and alignment then makes the model say it.
     */
    private static final String END = "</s>";

    private static final int EOS = 0;

    private TinyLlama() {}

    /** Writes the folder that {@code sft --from-scratch} takes. */
    static void describe(ReviewWorld world, Path folder) {
        List<String> vocabulary = new ArrayList<>(List.of(END));
        vocabulary.addAll(world.vocabulary());
        AtomicFiles.replaceFolder(folder, target -> {
            AtomicFiles.write(target.resolve("tokenizer.json"), tokenizer(vocabulary));
            AtomicFiles.write(target.resolve("tokenizer_config.json"), tokenizerConfig());
            AtomicFiles.write(target.resolve("config.json"), MAPPER.writeValueAsBytes(config(vocabulary.size())));
        });
    }

    private static ObjectNode config(int vocabularySize) {
        ObjectNode config = MAPPER.createObjectNode();
        config.putArray("architectures").add("LlamaForCausalLM");
        config.put("model_type", "llama");
        config.put("vocab_size", vocabularySize);
        config.put("hidden_size", 64);
        config.put("intermediate_size", 128);
        config.put("num_hidden_layers", 2);
        config.put("num_attention_heads", 4);
        config.put("num_key_value_heads", 4);
        config.put("max_position_embeddings", 64);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10000.0);
        config.put("hidden_act", "silu");
        config.put("initializer_range", 0.02);
        config.put("tie_word_embeddings", true);
        config.put("eos_token_id", EOS);
        config.put("torch_dtype", "float32");
        return config;
    }

    /** One token a word, as Hugging Face's tokenizers library describes it. */
    private static byte[] tokenizer(List<String> vocabulary) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        json.withArray("added_tokens")
                .addObject()
                .put("id", EOS)
                .put("content", END)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
        json.putNull("normalizer");
        json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        json.putNull("post_processor");
        json.putNull("decoder");
        ObjectNode model = json.putObject("model").put("type", "WordLevel");
        ObjectNode words = model.putObject("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            words.put(vocabulary.get(id), id);
        }
        model.put("unk_token", END);
        return MAPPER.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] tokenizerConfig() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        json.put("unk_token", END).put("eos_token", END);
        json.put("clean_up_tokenization_spaces", false);
        return MAPPER.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    }
}
