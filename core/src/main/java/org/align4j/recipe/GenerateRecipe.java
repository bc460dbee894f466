package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.align4j.Words;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.Chats;
import org.align4j.data.Prompt;
import org.align4j.data.PromptReader;
import org.align4j.data.PromptStore;
import org.align4j.data.Source;
import org.align4j.generate.Completion;
import org.align4j.generate.Generator;
import org.align4j.generate.Stop;
import org.align4j.model.CausalLm;
import org.align4j.text.ChatOptions;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.json.JsonMapper;

/** Samples completions of one prompt or of a file of prompts. */
public final class GenerateRecipe {
    private static final JsonMapper MAPPER = new JsonMapper();
    /** Prompts between two looks at the clock and at Ctrl-C. */
    private static final int GROUP = 256;

    private GenerateRecipe() {}

    /**
     * Writes one JSON object a prompt: {@code {"row", "prompt", "completions": [{"text", "num_tokens", "logp",
     * "finish_reason"}, …]}}, where row counts the lines of the file (the elements of an array) from 1, as messages do, and
     * finish_reason is {@code stop} or {@code length}. With {@code logps} each has the log-probabilities of its tokens too,
     * the stop token's last.
     */
    public static void run(GenerateConfig named, PrintStream standardOutput, RunListener listener) {
        GenerateConfig config = HubFiles.local(GenerateConfig.SCHEMA, named, listener);
        ModelChoice choice = ModelChoice.of(config.model(), config.adapter(), listener);
        try (ModelFolder folder = ModelFolder.open(choice.base());
                Tokenizer tokenizer = Tokenizer.load(choice.base());
                PromptStore prompts = PromptStore.in(JsonlOutput.scratch(config.output()))) {
            ModelLoader.architecture(folder); // is it a language model at all?
            StopStrings stop = new StopStrings(config.stopTexts(), tokenizer);
            read(config, GivenTemplate.orOwn(config.chatTemplate(), choice.base()), prompts, listener);
            try (CausalLm base = ModelLoader.load(folder, config.dtype().resolve(), false);
                    CausalLm model = choice.over(base);
                    Generator generator = new Generator(model, new Stop(StopTokens.of(folder, tokenizer), stop));
                    JsonlOutput output = JsonlOutput.open(config.output(), standardOutput)) {
                check(prompts, tokenizer, config, generator, model, choice.base(), listener);
                long start = System.nanoTime();
                long tokens = 0;
                for (int from = 0; from < prompts.size(); from += GROUP) {
                    List<Prompt> group = prompts.subList(from, Math.min(prompts.size(), from + GROUP));
                    List<int[]> ids =
                            group.stream().map(prompt -> ids(prompt, tokenizer)).toList();
                    List<List<Completion>> completions = generator.generate(ids, config.sampling());
                    for (int p = 0; p < ids.size(); p++) {
                        for (Completion completion : completions.get(p)) {
                            tokens += completion.logps().length;
                        }
                        output.write(MAPPER.writeValueAsString(
                                line(group.get(p), ids.get(p), completions.get(p), tokenizer, stop, config)));
                    }
                    if (prompts.size() > 1) {
                        listener.preparing("generating", from + ids.size(), prompts.size());
                    }
                    if (listener.stopRequested()) {
                        throw new RunInterrupted();
                    }
                }
                output.commit();
                double seconds = (System.nanoTime() - start) / 1e9;
                listener.message(String.format(
                        Locale.ROOT,
                        "%s, ends of text included, in %.1f s: %,.0f tokens/s",
                        Words.count(tokens, "token"),
                        seconds,
                        tokens / seconds));
            }
        }
    }

    private static void read(
            GenerateConfig config, Supplier<ChatTemplate> template, PromptStore prompts, RunListener listener) {
        if (config.prompt().isEmpty()) {
            PromptReader.read(config.data().get(), config.onBadRow(), Chats.of(template), prompts::add)
                    .summary()
                    .forEach(listener::message);
            return;
        }
        Source source = new Source("--prompt", 1);
        String text = config.prompt().get();
        if (!config.chat()) {
            prompts.add(new Prompt(text, false, source));
            return;
        }
        Map<String, Object> message = Map.of("role", "user", "content", text);
        String written = template.get()
                .render(List.of(message), ChatOptions.defaults().withGenerationPrompt())
                .text();
        prompts.add(new Prompt(written, true, source));
    }

    /** Before the first token is drawn: a prompt that cannot be completed should not cost the completions of others. */
    private static void check(
            List<Prompt> prompts,
            Tokenizer tokenizer,
            GenerateConfig config,
            Generator generator,
            CausalLm model,
            Path folder,
            RunListener listener) {
        long longest = 0;
        for (Prompt prompt : prompts) {
            int[] ids = ids(prompt, tokenizer);
            ModelLimits.checkIds(ids, model.architecture().dimensions().vocabSize(), folder);
            generator.check(ids, config.sampling(), prompt.source());
            longest = Math.max(longest, ids.length);
            if (listener.stopRequested()) {
                throw new RunInterrupted();
            }
        }
        int positions = model.architecture().dimensions().maxPositions();
        if (longest + config.maxNewTokens() > positions) {
            listener.message(
                    "a prompt of %s with max_new_tokens %d needs more than the %d positions that the model was made for; what is beyond may be nonsense"
                            .formatted(Words.count(longest, "token"), config.maxNewTokens(), positions));
        }
    }

    private static int[] ids(Prompt prompt, Tokenizer tokenizer) {
        return prompt.rendered()
                ? tokenizer.encodeWithoutSpecialTokens(prompt.text())
                : tokenizer.encode(prompt.text());
    }

    private static Map<String, Object> line(
            Prompt prompt,
            int[] promptIds,
            List<Completion> completions,
            Tokenizer tokenizer,
            StopStrings stop,
            GenerateConfig config) {
        List<Map<String, Object>> written = new ArrayList<>();
        for (Completion completion : completions) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("text", stop.cut(text(promptIds, completion.tokens(), tokenizer)));
            each.put("num_tokens", completion.tokens().length);
            each.put("logp", completion.logp());
            if (config.logps()) {
                each.put("logps", completion.logps());
            }
            each.put("finish_reason", completion.finish().name().toLowerCase(Locale.ROOT));
            written.add(each);
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("row", prompt.source().line());
        line.put("prompt", prompt.text());
        line.put("completions", written);
        return line;
    }

    /** What the completion adds to the prompt: many tokenizers drop a space at the beginning of what they decode. */
    private static String text(int[] prompt, int[] completion, Tokenizer tokenizer) {
        int[] all = new int[prompt.length + completion.length];
        System.arraycopy(prompt, 0, all, 0, prompt.length);
        System.arraycopy(completion, 0, all, prompt.length, completion.length);
        String before = tokenizer.decode(prompt, true);
        String whole = tokenizer.decode(all, true);
        return whole.startsWith(before) ? whole.substring(before.length()) : tokenizer.decode(completion, true);
    }
}
