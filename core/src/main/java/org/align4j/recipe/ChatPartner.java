package org.align4j.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.generate.Completion;
import org.align4j.generate.Generator;
import org.align4j.generate.Sampling;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.text.ChatOptions;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;

/** A model in a conversation: it remembers what was said and answers. */
final class ChatPartner implements AutoCloseable {
    private final List<Map<String, Object>> messages = new ArrayList<>();
    private final int kept; // messages that stay when it forgets
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final CausalLm base;
    private final CausalLm model;
    private final Generator generator;

    /** @param chatTemplate in the place of the model's own */
    ChatPartner(ModelChoice choice, Optional<String> chatTemplate, List<Map<String, Object>> first, Dtype dtype) {
        messages.addAll(first);
        kept = first.size();
        template = GivenTemplate.orOwn(chatTemplate, choice.base()).get();
        tokenizer = Tokenizer.load(choice.base());
        try (ModelFolder folder = ModelFolder.open(choice.base())) {
            base = ModelLoader.load(folder, dtype, false);
            model = choice.over(base);
            generator = new Generator(model, StopTokens.of(folder, tokenizer));
        }
    }

    /**
     * Answers. What was asked and the answer are remembered, unless it fails.
     *
     * @param written hears the answer piece by piece
     * @return whether it came to an end before max_new_tokens did
     */
    boolean answer(String asked, Sampling sampling, Consumer<String> written) {
        messages.add(message("user", asked));
        String answer = "";
        try {
            String text = template.render(messages, ChatOptions.defaults().withGenerationPrompt())
                    .text();
            int[] prompt = tokenizer.encodeWithoutSpecialTokens(text);
            ModelLimits.checkConversation(prompt.length + sampling.maxNewTokens(), model);
            TextStream stream = new TextStream(tokenizer, written);
            List<List<Completion>> answers =
                    generator.generate(List.of(prompt), sampling, (p, k, token) -> stream.add(token));
            answer = stream.end();
            return answers.get(0).get(0).finish() == Completion.Finish.STOP;
        } finally {
            if (answer.isEmpty()) {
                messages.remove(messages.size() - 1);
            } else {
                messages.add(message("assistant", answer));
            }
        }
    }

    /** Forgets the last question with its answer, and returns the question; the empty text if there is none. */
    String takeBack() {
        if (messages.size() < kept + 2) {
            return "";
        }
        messages.remove(messages.size() - 1);
        return (String) messages.remove(messages.size() - 1).get("content");
    }

    void forget() {
        messages.subList(kept, messages.size()).clear();
    }

    static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    @Override
    public void close() {
        generator.close();
        model.close();
        base.close();
        tokenizer.close();
    }
}
