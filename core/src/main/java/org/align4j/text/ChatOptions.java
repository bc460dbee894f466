package org.align4j.text;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a conversation is rendered with. The names are those of transformers' {@code apply_chat_template}.
 *
 * @param chatTemplate name of one of the model's templates; absent: {@code tool_use} if there are tools and such a
 *     template, else {@code default}
 * @param tools JSON schemas of functions; absent is not the same as empty
 * @param documents what the answer may draw upon
 * @param addGenerationPrompt whether the text ends with what begins an answer
 * @param continueFinalMessage the field of the last message (mostly {@code content}) that a model is to go on with: the
 *     text ends where it ends
 * @param variables what else the template sees; wins over special tokens of the same name
 * @param generationSpans whether to find out which parts of the text the template marks as written by the model
 * @param clock what the template takes for today
 */
public record ChatOptions(
        Optional<String> chatTemplate,
        Optional<List<Map<String, Object>>> tools,
        Optional<List<Map<String, Object>>> documents,
        boolean addGenerationPrompt,
        Optional<String> continueFinalMessage,
        Map<String, Object> variables,
        boolean generationSpans,
        Clock clock) {

    /** Just the messages. */
    public static ChatOptions defaults() {
        return new ChatOptions(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Map.of(),
                false,
                Clock.systemDefaultZone());
    }

    /** For the text after which a model answers. */
    public ChatOptions withGenerationPrompt() {
        return generationPrompt(true);
    }

    /** For a conversation that has ended. */
    public ChatOptions withoutGenerationPrompt() {
        return generationPrompt(false);
    }

    private ChatOptions generationPrompt(boolean add) {
        return new ChatOptions(
                chatTemplate, tools, documents, add, continueFinalMessage, variables, generationSpans, clock);
    }

    public ChatOptions withTools(List<Map<String, Object>> schemas) {
        return new ChatOptions(
                chatTemplate,
                Optional.of(schemas),
                documents,
                addGenerationPrompt,
                continueFinalMessage,
                variables,
                generationSpans,
                clock);
    }

    public ChatOptions withVariables(Map<String, Object> values) {
        return new ChatOptions(
                chatTemplate,
                tools,
                documents,
                addGenerationPrompt,
                continueFinalMessage,
                values,
                generationSpans,
                clock);
    }

    public ChatOptions withGenerationSpans() {
        return new ChatOptions(
                chatTemplate, tools, documents, addGenerationPrompt, continueFinalMessage, variables, true, clock);
    }
}
