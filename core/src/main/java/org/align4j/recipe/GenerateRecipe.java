package org.align4j.recipe;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.Chats;
import org.align4j.data.Prompt;
import org.align4j.data.PromptReader;
import org.align4j.data.Rows;
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
     * "finish_reason"}, …]}}, where finish_reason is {@code stop} or {@code length}. With {@code logps} each has the
     * log-probabilities of its tokens too, the stop token's last.
     */
    public static void run(GenerateConfig named, PrintStream standardOutput, RunListener listener) {
        GenerateConfig config = HubFiles.local(GenerateConfig.SCHEMA, named, listener);
        ModelChoice choice = ModelChoice.of(config.model(), config.adapter(), listener);
        try (ModelFolder folder = ModelFolder.open(choice.base());
                Tokenizer tokenizer = Tokenizer.load(choice.base())) {
            Supplier<ChatTemplate> template = GivenTemplate.orOwn(config.chatTemplate(), choice.base());
            List<Prompt> prompts = prompts(config, template, listener);
            List<int[]> ids = new ArrayList<>();
            for (Prompt prompt : prompts) {
                ids.add(
                        prompt.rendered()
                                ? tokenizer.encodeWithoutSpecialTokens(prompt.text())
                                : tokenizer.encode(prompt.text()));
            }
            try (CausalLm base = ModelLoader.load(folder, config.dtype().resolve(), false);
                    CausalLm model = choice.over(base);
                    JsonlOutput output = JsonlOutput.open(config.output(), standardOutput)) {
                for (int[] prompt : ids) {
                    ModelLimits.checkIds(
                            prompt, model.architecture().dimensions().vocabSize(), choice.base());
                }
                StopStrings stop = new StopStrings(config.stopTexts(), tokenizer);
                Generator generator = new Generator(model, new Stop(StopTokens.of(folder, tokenizer), stop));
                long start = System.nanoTime();
                long tokens = 0;
                for (int from = 0; from < ids.size(); from += GROUP) {
                    int to = Math.min(ids.size(), from + GROUP);
                    List<List<Completion>> completions = generator.generate(ids.subList(from, to), config.sampling());
                    for (int p = from; p < to; p++) {
                        for (Completion completion : completions.get(p - from)) {
                            tokens += completion.logps().length;
                        }
                        output.write(MAPPER.writeValueAsString(
                                line(prompts.get(p), ids.get(p), completions.get(p - from), tokenizer, stop, config)));
                    }
                    if (ids.size() > 1) {
                        listener.preparing("generating", to, ids.size());
                    }
                    if (listener.stopRequested()) {
                        throw new RunInterrupted();
                    }
                }
                output.commit();
                double seconds = (System.nanoTime() - start) / 1e9;
                listener.message(String.format(
                        Locale.ROOT, "%,d tokens in %.1f s: %,.0f tokens/s", tokens, seconds, tokens / seconds));
            }
        }
    }

    private static List<Prompt> prompts(GenerateConfig config, Supplier<ChatTemplate> template, RunListener listener) {
        if (config.prompt().isPresent()) {
            Source source = new Source("--prompt", 1);
            String text = config.prompt().get();
            if (!config.chat()) {
                return List.of(new Prompt(text, false, source));
            }
            Map<String, Object> message = Map.of("role", "user", "content", text);
            String written = template.get()
                    .render(List.of(message), ChatOptions.defaults().withGenerationPrompt())
                    .text();
            return List.of(new Prompt(written, true, source));
        }
        Rows<Prompt> rows = PromptReader.readAll(config.data().get(), config.onBadRow(), Chats.of(template));
        rows.bad().summary().forEach(listener::message);
        return rows.rows();
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
        line.put("row", prompt.source().line() - 1);
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
