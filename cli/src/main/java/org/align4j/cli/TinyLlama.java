package org.align4j.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.TokenTree;
import org.align4j.exact.ReviewWorld;
import org.align4j.model.Architecture;
import org.align4j.model.Architectures;
import org.align4j.model.CausalLm;
import org.align4j.model.HfConfig;
import org.align4j.model.Parameters;
import org.align4j.recipe.Pretraining;
import org.align4j.recipe.RunInterrupted;
import org.align4j.tensor.Dtype;
import org.align4j.train.Schedule;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes a tiny Llama that speaks the language of a world, as a Hugging Face folder like any other. */
final class TinyLlama {
    private static final JsonMapper MAPPER = new JsonMapper();
    /**
     * The only special token. Every token must occur in the texts: the output row of one that never does has tiny
     * gradients of constant sign, which Adam turns into full steps, and alignment then makes the model say it.
     */
    private static final String END = "</s>";

    private static final int EOS = 0;
    private static final int REVIEWS = 50_000;
    private static final int STEPS = 2_000;
    private static final int BATCH = 64;
    private static final double LEARNING_RATE = 3e-3;

    private TinyLlama() {}

    static void pretrain(ReviewWorld world, Path folder, SplittableRandom random, Console console) {
        List<String> vocabulary = new ArrayList<>(List.of(END));
        vocabulary.addAll(world.vocabulary());
        ObjectNode config = config(vocabulary.size());
        Architecture architecture = Architectures.parse(new HfConfig(config, "quickstart"));
        try (Parameters parameters = Parameters.allocate(architecture.tensors(), Dtype.F32, true)) {
            parameters.randomize(config.get("initializer_range").doubleValue(), random.split());
            CausalLm model = new CausalLm(architecture, parameters);
            List<TokenTree> reviews = reviews(world, vocabulary, random);
            Schedule schedule = new Schedule(Schedule.Kind.COSINE, LEARNING_RATE, STEPS / 20, STEPS);
            long start = System.nanoTime();
            double[] lastLosses = new double[50];
            Pretraining.train(
                    model,
                    reviews,
                    new Pretraining.Settings(schedule, BATCH, 1.0, random.nextLong()),
                    (step, total, loss) -> {
                        lastLosses[step % lastLosses.length] = loss;
                        console.preparing("pretraining", step, total);
                        if (console.stopRequested()) {
                            throw new RunInterrupted();
                        }
                    });
            double tokens = reviews.stream()
                    .mapToInt(tree -> tree.branches().get(0).tokens().length - 1) // nothing predicts the first
                    .average()
                    .orElseThrow();
            console.message("   %,d weights, %,d reviews, %.0f s: %.2f nats a review; the world's own entropy is %.2f."
                    .formatted(
                            parameters.count(),
                            REVIEWS,
                            (System.nanoTime() - start) / 1e9,
                            Estimate.of(lastLosses).mean() * tokens,
                            world.entropy()));
            Map<String, byte[]> files = new LinkedHashMap<>();
            files.put("tokenizer.json", tokenizer(vocabulary));
            files.put("tokenizer_config.json", tokenizerConfig());
            ModelWriter writer = new ModelWriter(config, files);
            AtomicFiles.replaceFolder(folder, target -> writer.write(target, model, Dtype.F32));
        }
    }

    private static List<TokenTree> reviews(ReviewWorld world, List<String> vocabulary, SplittableRandom random) {
        List<TokenTree> reviews = new ArrayList<>();
        for (int i = 0; i < REVIEWS; i++) {
            String prompt = world.prompts().get(random.nextInt(world.prompts().size()));
            String[] words = (prompt + world.write(random)).split(" ");
            int[] tokens = new int[words.length + 1];
            for (int w = 0; w < words.length; w++) {
                tokens[w] = vocabulary.indexOf(words[w]);
            }
            tokens[words.length] = EOS;
            reviews.add(new TokenTree(new int[0], List.of(new TokenTree.Branch(tokens, 0)), i));
        }
        return reviews;
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
