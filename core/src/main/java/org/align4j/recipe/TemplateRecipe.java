package org.align4j.recipe;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.data.JsonProblem;
import org.align4j.template.Rendered;
import org.align4j.template.Span;
import org.align4j.text.ChatOptions;
import org.align4j.text.ChatTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes a conversation as a model's chat template writes it. */
public final class TemplateRecipe {
    private static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private TemplateRecipe() {}

    /**
     * Writes the text to {@code out}, in UTF-8 and with nothing added, and with {@code mask} a line of JSON to
     * {@code err}: {@code {"generation_spans": [[start, end], …], "found_by": …}}, in code points, found as training finds
     * what to train on with {@code assistant_only_loss}.
     */
    public static void run(TemplateConfig named, PrintStream out, PrintStream err, RunListener listener) {
        TemplateConfig config = HubFiles.local(TemplateConfig.SCHEMA, named, listener);
        ChatTemplate template = template(config);
        ChatOptions options = new ChatOptions(
                Optional.empty(),
                config.tools().map(file -> objects(file, "tools")),
                config.documents().map(file -> objects(file, "documents")),
                config.addGenerationPrompt(),
                config.continueFinalMessage() ? Optional.of("content") : Optional.empty(),
                config.set().map(TemplateRecipe::variables).orElse(Map.of()),
                config.mask(),
                Clock.systemDefaultZone());
        List<Map<String, Object>> messages = objects(config.messages(), "messages");
        Rendered rendered = template.render(messages, options);
        boolean marked = template.marksAnswers(options);
        List<Span> spans = marked || !config.mask() ? rendered.generationSpans() : template.answers(messages, options);
        byte[] bytes = rendered.text().getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
        out.flush();
        if (config.mask()) {
            Map<String, Object> mask = new LinkedHashMap<>();
            mask.put(
                    "generation_spans",
                    spans.stream()
                            .map(span -> span.inCodePoints(rendered.text()))
                            .map(span -> List.of(span.start(), span.end()))
                            .toList());
            mask.put("found_by", marked ? "generation blocks" : "rendering up to each answer");
            err.println(JSON.writeValueAsString(mask));
        }
    }

    private static ChatTemplate template(TemplateConfig config) {
        if (config.template().isPresent()) {
            Path file = config.template().get();
            String source = ChatTemplate.ofFile(text(file, "a chat template"), file);
            return ChatTemplate.of(source, Map.of(), file.toString());
        }
        return config.model()
                .map(model -> GivenTemplate.orOwn(config.chatTemplate(), model).get())
                .orElseGet(() ->
                        ChatTemplate.of(GivenTemplate.text(config.chatTemplate().get()), Map.of(), "chat_template"));
    }

    private static String text(Path file, String expected) {
        if (!Files.exists(file) || Files.isDirectory(file)) {
            throw AlignException.usage(file + ": there is no such file, expected " + expected + "; check the path");
        }
        try (InputStream in = new BufferedInputStream(new FileInputStream(file.toFile()))) {
            // Anything simpler asks a pipe where it stands.
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw AlignException.badInput(file + ": this is not UTF-8, expected " + expected + "; save it as UTF-8", e);
        } catch (IOException e) {
            throw AlignException.failure(file + ": reading failed: " + e, e);
        }
    }

    /** The objects of an array, which may also be the field {@code name} of an object. */
    private static List<Map<String, Object>> objects(Path file, String name) {
        String expected = "a JSON array of objects (" + name + ")";
        String text = text(file, expected);
        try {
            JsonNode root = JSON.readTree(text);
            JsonNode list = root.isObject() && root.has(name) ? root.get(name) : root;
            if (!list.isArray() || !list.valueStream().allMatch(JsonNode::isObject)) {
                throw AlignException.badInput(
                        file + ": found " + kind(list) + ", expected " + expected + "; correct the file");
            }
            return JSON.convertValue(list, OBJECTS);
        } catch (JacksonException e) {
            throw broken(file + ":" + line(e), e, expected);
        }
    }

    private static String kind(JsonNode node) {
        return node.isArray()
                ? "an array with an element that is no object"
                : node.isMissingNode()
                        ? "nothing"
                        : "one value of type " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    /** Of lines {@code name=JSON}, or of a JSON object; no line break within JSON begins a line {@code name=}. */
    private static Map<String, Object> variables(String set) {
        String expected = "name=JSON, such as enable_thinking=false or bos_token='\"<s>\"', or a JSON object of such";
        Map<String, Object> variables = new LinkedHashMap<>();
        for (String line : set.strip().split("\\R(?=[A-Za-z_][A-Za-z_0-9]*\\s*=)")) {
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).strip();
            try {
                if (line.startsWith("{")) {
                    variables.putAll(JSON.readValue(line, OBJECT));
                } else if (name.matches("[A-Za-z_][A-Za-z_0-9]*")) {
                    variables.put(name, JSON.readValue(line.substring(equals + 1), Object.class));
                } else {
                    throw AlignException.usage("--set: found \"" + line + "\", expected " + expected);
                }
            } catch (JacksonException e) {
                throw AlignException.usage("--set: broken JSON: " + JsonProblem.of(e) + "; expected " + expected);
            }
        }
        return variables;
    }

    private static AlignException broken(String where, JacksonException e, String expected) {
        return AlignException.badInput(
                where + ": broken JSON: " + JsonProblem.of(e) + "; expected " + expected + ", correct the file", e);
    }

    private static String line(JacksonException e) {
        return e.getLocation() == null
                ? "1"
                : e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
    }
}
