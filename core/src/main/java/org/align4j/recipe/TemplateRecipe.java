package org.align4j.recipe;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
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
     * {@code err}: {@code {"generation_spans": [[start, end], …]}}, in code points.
     */
    public static void run(TemplateConfig named, PrintStream out, PrintStream err, RunListener listener) {
        TemplateConfig config = HubFiles.local(TemplateConfig.SCHEMA, named, listener);
        ChatTemplate template = config.model().isPresent()
                ? ChatTemplate.load(config.model().get())
                : ChatTemplate.of(
                        text(config.template().get(), "a chat template"),
                        Map.of(),
                        config.template().get().toString());
        ChatOptions options = new ChatOptions(
                config.chatTemplate(),
                config.tools().map(file -> objects(file, "tools")),
                config.documents().map(file -> objects(file, "documents")),
                config.addGenerationPrompt(),
                config.continueFinalMessage() ? Optional.of("content") : Optional.empty(),
                config.set().map(TemplateRecipe::variables).orElse(Map.of()),
                config.mask(),
                Clock.systemDefaultZone());
        Rendered rendered = template.render(objects(config.messages(), "messages"), options);
        byte[] bytes = rendered.text().getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
        out.flush();
        if (config.mask()) {
            List<List<Integer>> spans = new ArrayList<>();
            for (Span span : rendered.generationSpans()) {
                Span points = span.inCodePoints(rendered.text());
                spans.add(List.of(points.start(), points.end()));
            }
            err.println(JSON.writeValueAsString(Map.of("generation_spans", spans)));
        }
    }

    private static String text(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw AlignException.usage(file + ": there is no such file, expected " + expected + "; check the path");
        }
        try {
            return Files.readString(file);
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
                throw AlignException.usage("--set: broken JSON: " + problem(e) + "; expected " + expected);
            }
        }
        return variables;
    }

    private static AlignException broken(String where, JacksonException e, String expected) {
        return AlignException.badInput(
                where + ": broken JSON: " + problem(e) + "; expected " + expected + ", correct the file", e);
    }

    private static String line(JacksonException e) {
        return e.getLocation() == null
                ? "1"
                : e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
    }

    private static String problem(JacksonException e) {
        return e.getOriginalMessage().strip().replaceAll("\\s+", " ");
    }
}
