package org.align4j.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.config.Setting;
import org.align4j.exact.ReviewWorld;
import org.align4j.generate.Completion;
import org.align4j.generate.Generator;
import org.align4j.generate.Sampling;
import org.align4j.model.CausalLm;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.DpoRecipe;
import org.align4j.recipe.RunInterrupted;
import org.align4j.recipe.RunResult;
import org.align4j.recipe.SftConfig;
import org.align4j.recipe.SftRecipe;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Libtorch;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole road on a world whose truth is known: pretrain a tiny Llama on its reviews, sample from it, let a noisy
 * reader compare samples, align the model with the comparisons, and measure what was gained and what it cost.
 */
final class Quickstart {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final int REVIEWS = 50_000;
    private static final int HELD_OUT = 1_000;
    private static final int PAIRS_PER_PROMPT = 512;
    private static final int TEST_SAMPLES_PER_PROMPT = 100;
    private static final int MAX_NEW_TOKENS = 48;

    private final QuickstartConfig config;
    private final Console console;
    private final ReviewWorld world = new ReviewWorld();
    private final SplittableRandom random;

    private Quickstart(QuickstartConfig config, Console console) {
        this.config = config;
        this.console = console;
        this.random = new SplittableRandom(config.seed());
    }

    static void run(QuickstartConfig config, Console console) {
        new Quickstart(config, console).run();
    }

    private void run() {
        Path folder = config.output();
        Path base = folder.resolve("base");
        Path aligned = folder.resolve("aligned");
        Path preferences = folder.resolve("preferences.jsonl");
        if (Files.exists(folder) && !Files.isDirectory(base)) {
            throw AlignException.usage(folder + ": exists and is not of a quickstart; choose another --output");
        }

        Libtorch.setThreads(
                1); // So small a model leaves a second one waiting, and on a busy machine the first with it.
        console.message("A world of restaurant reviews: who writes what is known, and what a reader truly likes.");
        console.message("");
        console.message("1. Pretraining a tiny Llama on reviews.");
        pretrain(folder, base);

        console.message("2. Sampling from it, and asking a noisy reader (Bradley–Terry) which of two is better.");
        writePreferences(base, preferences);

        console.message("3. Aligning it with those answers: DPO.");
        RunResult result = DpoRecipe.run(dpoConfig(base, preferences, aligned), console);
        console.finish();
        requireFinished(result);

        console.message("4. What was gained, on fresh samples of both models.");
        console.message("");
        report(base, aligned);
        console.message("");
        console.message("Everything is in " + folder + ". The same with your own model and preferences:");
        console.message("");
        console.message("  ./align4j dpo --model MODEL --data preferences.jsonl --output aligned --eval-split 0.1");
        console.message("  ./align4j score --model aligned --reference MODEL --data preferences.jsonl");
        console.message("  ./align4j generate --model aligned --prompt \"…\" --n 4");
    }

    private void pretrain(Path folder, Path base) {
        Path blueprint = folder.resolve("blueprint");
        Path train = folder.resolve("reviews.jsonl");
        Path held = folder.resolve("reviews-held-out.jsonl");
        TinyLlama.describe(world, blueprint);
        SplittableRandom writer = random.split();
        writeReviews(train, REVIEWS, writer);
        writeReviews(held, HELD_OUT, writer);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", blueprint);
        values.put("from_scratch", true);
        values.put("data", train);
        values.put("eval_data", held);
        values.put("output", base);
        values.put("learning_rate", 3e-3);
        values.put("lr_scheduler_type", "cosine");
        values.put("warmup_steps", 100);
        values.put("adam_beta2", 0.95);
        values.put("train_batch_size", 64);
        values.put("max_steps", 2_000);
        RunResult result = SftRecipe.run(SftConfig.SCHEMA.read(settings(values)), console);
        console.finish();
        requireFinished(result);
        // As many tokens are predicted as a review has words: all but the first, and the end.
        console.message("   %.0f s: %.3f nats a word on %,d reviews held out; the world's own entropy is %.3f."
                .formatted(
                        result.seconds(),
                        ((Number) result.after().get("eval_loss")).doubleValue(),
                        HELD_OUT,
                        world.entropy() / world.meanWords()));
    }

    private void writeReviews(Path file, int count, SplittableRandom writer) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String prompt = world.prompts().get(writer.nextInt(world.prompts().size()));
            lines.append(MAPPER.writeValueAsString(Map.of("text", prompt + world.write(writer))))
                    .append('\n');
        }
        AtomicFiles.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private DpoConfig dpoConfig(Path base, Path preferences, Path aligned) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", base);
        values.put("data", preferences);
        values.put("output", aligned);
        values.put("cache_dir", config.output().resolve("cache"));
        values.put("eval_split", 0.1);
        // The reader's rewards are log-odds: with β = 1 the optimum is π_ref · exp(reward), up to a constant.
        values.put("beta", 1);
        values.put("learning_rate", 3e-4);
        values.put("train_batch_size", 64);
        values.put("num_train_epochs", 3);
        values.put("warmup_ratio", 0.1);
        return DpoConfig.SCHEMA.read(settings(values));
    }

    /** With what both trainings have in common. */
    private Map<String, Setting> settings(Map<String, Object> values) {
        values.put("dtype", "float32");
        values.put("max_length", 64);
        values.put("save_steps", 0);
        values.put("seed", config.seed());
        values.put("overwrite", true);
        Map<String, Setting> settings = new LinkedHashMap<>();
        values.forEach((key, value) -> settings.put(key, new Setting(value.toString(), "quickstart")));
        return settings;
    }

    private static void requireFinished(RunResult result) {
        if (!result.finished()) {
            throw new RunInterrupted();
        }
    }

    private void writePreferences(Path base, Path file) {
        StringBuilder lines = new StringBuilder();
        int pairs = 0;
        int agreed = 0;
        int identical = 0;
        try (CausalLm model = load(base);
                Tokenizer tokenizer = Tokenizer.load(base)) {
            List<List<String>> samples =
                    texts(sample(model, tokenizer, 2 * PAIRS_PER_PROMPT, config.seed()), tokenizer);
            for (int p = 0; p < samples.size(); p++) {
                for (int i = 0; i < PAIRS_PER_PROMPT; i++) {
                    String first = samples.get(p).get(2 * i);
                    String second = samples.get(p).get(2 * i + 1);
                    if (first.equals(second)) {
                        identical++;
                        continue;
                    }
                    boolean firstBetter = world.prefers(first, second, random);
                    Map<String, String> row = new LinkedHashMap<>();
                    row.put("prompt", world.prompts().get(p));
                    row.put("chosen", firstBetter ? first : second);
                    row.put("rejected", firstBetter ? second : first);
                    lines.append(MAPPER.writeValueAsString(row)).append('\n');
                    pairs++;
                    agreed += world.reward(row.get("chosen")) >= world.reward(row.get("rejected")) ? 1 : 0;
                }
            }
        }
        AtomicFiles.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
        console.message("   %,d pairs (%d more were identical); the answer follows the true reward in %.0f %% of them."
                .formatted(pairs, identical, 100.0 * agreed / pairs));
    }

    private static CausalLm load(Path folder) {
        try (ModelFolder files = ModelFolder.open(folder)) {
            return ModelLoader.load(files, Dtype.F32, false);
        }
    }

    private List<List<Completion>> sample(CausalLm model, Tokenizer tokenizer, int count, long seed) {
        List<int[]> prompts = new ArrayList<>();
        for (String prompt : world.prompts()) {
            prompts.add(tokenizer.encode(prompt));
        }
        try (Generator generator = new Generator(model, Set.of(tokenizer.eosId()))) {
            return generator.generate(prompts, Sampling.plain(count, MAX_NEW_TOKENS, seed));
        }
    }

    private static List<List<String>> texts(List<List<Completion>> samples, Tokenizer tokenizer) {
        List<List<String>> texts = new ArrayList<>();
        for (List<Completion> completions : samples) {
            List<String> ofPrompt = new ArrayList<>();
            for (Completion completion : completions) {
                ofPrompt.add(" " + tokenizer.decode(completion.tokens(), true));
            }
            texts.add(ofPrompt);
        }
        return texts;
    }

    private void report(Path base, Path aligned) {
        try (CausalLm before = load(base);
                CausalLm after = load(aligned);
                Tokenizer tokenizer = Tokenizer.load(base)) {
            long seed = config.seed() + 1;
            List<List<Completion>> samplesBefore = sample(before, tokenizer, TEST_SAMPLES_PER_PROMPT, seed);
            List<List<Completion>> samplesAfter = sample(after, tokenizer, TEST_SAMPLES_PER_PROMPT, seed + 1);
            List<List<String>> textsBefore = texts(samplesBefore, tokenizer);
            List<List<String>> textsAfter = texts(samplesAfter, tokenizer);
            Gain gain = new Gain();
            for (int p = 0; p < textsBefore.size(); p++) {
                for (int i = 0; i < TEST_SAMPLES_PER_PROMPT; i++) {
                    gain.add(
                            world.reward(textsBefore.get(p).get(i)),
                            world.reward(textsAfter.get(p).get(i)));
                }
            }
            Estimate kl = Gain.kl(after, before, world.prompts(), samplesAfter, tokenizer);
            console.message(gain.table(kl)); // ends in an empty line
            for (int p = 0; p < 3; p++) {
                console.message("   before: " + world.prompts().get(p)
                        + textsBefore.get(p).get(0));
                console.message("   after:  " + world.prompts().get(p)
                        + textsAfter.get(p).get(0));
            }
        }
    }
}
