package org.align4j.text;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.align4j.AlignException;
import org.align4j.template.RenderOptions;
import org.align4j.template.Rendered;
import org.align4j.template.Span;
import org.align4j.template.Template;
import org.align4j.template.TemplateException;

/**
 * How a model wants conversations written: messages to text, as {@code apply_chat_template(…, tokenize=False)} of
 * transformers 5 gives it. A message is a map, mostly of {@code role} and {@code content}; numbers, lists and maps in it
 * are those of JSON.
 *
 * <p>Special tokens are those that the folder's files name. The defaults of a few old tokenizer classes (a
 * {@code GPT2Tokenizer} has an end of text even where no file says so) are not added.
 */
public final class ChatTemplate {
    private static final Pattern MARK = Pattern.compile("\\{%-?\\s*generation\\s*-?%}");

    /** Templates by name, parsed when they are first needed: a broken one must not stop those who never use it. */
    private final Map<String, String> sources;

    private final Map<String, Template> parsed = new TreeMap<>();
    private final Map<String, String> specialTokens;
    /** For messages. */
    private final String origin;

    private ChatTemplate(Map<String, String> sources, Map<String, String> specialTokens, String origin) {
        this.sources = new TreeMap<>(sources);
        this.specialTokens = Map.copyOf(specialTokens);
        this.origin = origin;
    }

    /**
     * Reads the templates and special tokens of a model.
     *
     * @param modelFolder a Hugging Face model folder, or a GGUF file
     * @throws AlignException if there is no template in it or a file is damaged
     */
    public static ChatTemplate load(Path modelFolder) {
        ChatTemplateFiles files = new ChatTemplateFiles(modelFolder);
        return new ChatTemplate(files.templates(), files.specialTokens(), modelFolder.toString());
    }

    /** The same as {@link #load}, read when it is first asked for: a model without a template must not stop those who need none. */
    public static Supplier<ChatTemplate> onFirstUse(Path modelFolder) {
        return new Supplier<>() {
            private ChatTemplate loaded;

            @Override
            public synchronized ChatTemplate get() {
                if (loaded == null) {
                    loaded = load(modelFolder);
                }
                return loaded;
            }
        };
    }

    /** A template in the place of a model's own, with the model's special tokens. */
    public static ChatTemplate replaced(Path modelFolder, String source, String origin) {
        return of(source, new ChatTemplateFiles(modelFolder).specialTokens(), origin);
    }

    /** The sources of a model's templates by name; empty if it has none. */
    public static Map<String, String> sources(Path modelFolder) {
        return new ChatTemplateFiles(modelFolder).templatesIfAny();
    }

    /**
     * The template that a file holds: its text, or of a {@code tokenizer_config.json} the default of its field
     * {@code chat_template}.
     *
     * @throws AlignException if the file is JSON without it
     */
    public static String ofFile(String text, Path file) {
        return ChatTemplateFiles.given(text, file);
    }

    /** The default template of a model folder or a GGUF file. */
    public static String ofModel(Path model) {
        String template = new ChatTemplateFiles(model).templates().get(ChatTemplateFiles.DEFAULT);
        if (template == null) {
            throw AlignException.badInput(model + ": none of its chat templates is the default; give the file of one");
        }
        return template;
    }

    /**
     * A template that belongs to no model.
     *
     * @param specialTokens by name: {@code bos_token}, {@code eos_token}, …
     * @param origin where it comes from, for messages
     */
    public static ChatTemplate of(String source, Map<String, String> specialTokens, String origin) {
        return new ChatTemplate(Map.of(ChatTemplateFiles.DEFAULT, source), specialTokens, origin);
    }

    /**
     * Renders a conversation.
     *
     * @throws AlignException if the options contradict each other, if the template refuses the messages or fails on them,
     *     or if the message to continue does not come out whole
     */
    public Rendered render(List<? extends Map<String, ?>> messages, ChatOptions options) {
        if (messages.isEmpty()) {
            throw AlignException.badInput(
                    origin + ": the conversation is empty, expected at least one message; add one");
        }
        if (options.continueFinalMessage().isPresent() && options.addGenerationPrompt()) {
            throw AlignException.usage(
                    "add_generation_prompt begins a new answer and continue_final_message goes on with"
                            + " the last message; choose one");
        }
        if (options.continueFinalMessage().isPresent() && options.generationSpans()) {
            throw AlignException.usage("the spans of a message that is to be continued are not known; leave out one of"
                    + " continue_final_message and the mask");
        }
        String name = name(options);
        List<Map<String, Object>> chat = ChatMessages.prepared(messages);
        if (options.continueFinalMessage().isEmpty()) {
            return render(name, chat, options);
        }
        Continuation continuation =
                Continuation.mark(chat, options.continueFinalMessage().get(), sources.get(name));
        return new Rendered(continuation.cut(render(name, chat, options).text()), List.of());
    }

    /**
     * Renders a conversation that has ended, and finds the assistant's messages in it: by the template's
     * {@code {% generation %}} blocks, or where it has none, by rendering the conversation up to each of them.
     *
     * @param lastOnly whether to find only the last of them
     * @return their spans are in UTF-16 code units
     * @throws AlignException as {@link #render}; also if the assistant says nothing or its messages are not found
     */
    public Rendered renderAnswers(List<? extends Map<String, ?>> messages, ChatOptions options, boolean lastOnly) {
        return new AnswerSpans(this, messages, options).find(marksAnswers(options), lastOnly);
    }

    /** Whether the template says itself what the assistant's is, by {@code {% generation %}} blocks. */
    public boolean marksAnswers(ChatOptions options) {
        return MARK.matcher(sources.get(name(options))).find();
    }

    /**
     * The assistant's messages in what {@link #render} makes of a conversation, found by rendering it up to each of them.
     *
     * @return in UTF-16 code units; none if the assistant says nothing
     * @throws AlignException as {@link #renderAnswers}
     */
    public List<Span> answers(List<? extends Map<String, ?>> messages, ChatOptions options) {
        if (messages.stream().noneMatch(message -> "assistant".equals(message.get("role")))) {
            return List.of();
        }
        return new AnswerSpans(this, messages, options.withoutGenerationPrompt())
                .find(false, false)
                .generationSpans();
    }

    private String name(ChatOptions options) {
        if (options.chatTemplate().isPresent()) {
            String name = options.chatTemplate().get();
            if (!sources.containsKey(name)) {
                throw AlignException.usage("%s: there is no chat template \"%s\", found: %s; name one of these"
                        .formatted(origin, name, String.join(", ", sources.keySet())));
            }
            return name;
        }
        if (options.tools().isPresent() && sources.containsKey("tool_use")) {
            return "tool_use";
        }
        if (!sources.containsKey(ChatTemplateFiles.DEFAULT)) {
            throw AlignException.usage("%s: none of its chat templates is the default, found: %s; name one of these"
                    .formatted(origin, String.join(", ", sources.keySet())));
        }
        return ChatTemplateFiles.DEFAULT;
    }

    private Rendered render(String name, List<Map<String, Object>> chat, ChatOptions options) {
        Map<String, Object> variables = new LinkedHashMap<>(specialTokens);
        variables.putAll(options.variables());
        for (String reserved : List.of("messages", "tools", "documents", "add_generation_prompt")) {
            if (options.variables().containsKey(reserved)) {
                throw AlignException.usage("the variable " + reserved + " has an option of its own; use that");
            }
        }
        variables.put("messages", chat);
        variables.put("tools", options.tools().orElse(null));
        variables.put("documents", options.documents().orElse(null));
        variables.put("add_generation_prompt", options.addGenerationPrompt());
        RenderOptions how = RenderOptions.defaults().withClock(options.clock());
        Template template = template(name);
        try {
            return template.render(variables, options.generationSpans() ? how.withGenerationSpans() : how);
        } catch (TemplateException e) {
            String reason = NativeTokenizers.oneLine(e.reason());
            throw AlignException.badInput(
                    e.raised()
                            ? "%s: the %s refuses this conversation (line %d): %s; change the messages or the template"
                                    .formatted(origin, title(name), e.line(), reason)
                            : "%s: the %s fails at line %d, column %d: %s; check whether the messages are as it expects them"
                                    .formatted(origin, title(name), e.line(), e.column(), reason),
                    e);
        }
    }

    private static String title(String name) {
        return name.equals(ChatTemplateFiles.DEFAULT) ? "chat template" : "chat template " + name;
    }

    private synchronized Template template(String name) {
        try {
            return parsed.computeIfAbsent(name, key -> Template.parse(sources.get(key)));
        } catch (TemplateException e) {
            throw AlignException.badInput(
                    "%s: the %s is broken at line %d, column %d: %s; correct it"
                            .formatted(origin, title(name), e.line(), e.column(), NativeTokenizers.oneLine(e.reason())),
                    e);
        }
    }
}
