package org.align4j.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFile;
import tools.jackson.databind.JsonNode;

/** The chat templates and special tokens that the files of a model folder name, with transformers' precedences. */
final class ChatTemplateFiles {
    static final String DEFAULT = "default";

    private static final String CONFIG = "tokenizer_config.json";
    private static final String FILE = "chat_template.jinja";
    private static final String FOLDER = "additional_chat_templates";
    private static final List<String> STANDARD_TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private final Path folder;
    private final ModelFiles files;
    private final JsonNode config;

    /** @param folder a folder or a GGUF file */
    ChatTemplateFiles(Path folder) {
        this.folder = folder;
        if (!Files.isDirectory(folder) && !GgufFile.isOne(folder)) {
            throw AlignException.usage(folder
                    + ": there is no such folder, expected a Hugging Face model folder or a GGUF file; check the path");
        }
        this.files = ModelFiles.of(folder);
        this.config = TokenizerFiles.read(files, CONFIG);
    }

    /** By name, at least one. */
    Map<String, String> templates() {
        Map<String, String> templates = templatesIfAny();
        if (templates.isEmpty()) {
            throw AlignException.badInput(
                    "%s: there is no chat template, expected %s or the field chat_template of %s; this is a model that was"
                                    .formatted(folder, FILE, CONFIG)
                            + " not trained on conversations, or give a template of your own");
        }
        return templates;
    }

    /** By name. Where there are template files, what tokenizer_config.json says is not looked at. */
    Map<String, String> templatesIfAny() {
        Map<String, String> templates = new LinkedHashMap<>();
        if (Files.isRegularFile(folder.resolve(FILE))) {
            templates.put(DEFAULT, text(folder.resolve(FILE)));
        }
        if (Files.isDirectory(folder.resolve(FOLDER))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(FOLDER), "*.jinja")) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    templates.put(name.substring(0, name.length() - ".jinja".length()), text(file));
                }
            } catch (IOException e) {
                throw AlignException.failure(folder.resolve(FOLDER) + ": reading failed: " + e, e);
            }
        }
        if (templates.isEmpty()) {
            templates.putAll(configured(config.path("chat_template"), files.path(CONFIG)));
        }
        return templates;
    }

    /** What a file holds: a template, or as JSON the field chat_template, of which the default is taken. */
    static String given(String text, Path file) {
        boolean named = file.toString().endsWith(".json");
        JsonNode json = TokenizerFiles.json(text, file, !named);
        if (!named && !json.isObject()) {
            return text;
        }
        String template = configured(json.path("chat_template"), file).get(DEFAULT);
        if (template == null) {
            throw AlignException.badInput(
                    "%s: this is JSON without a chat_template%s, expected a template, or a %s that has one"
                                    .formatted(file, json.has("chat_template") ? " that is the default" : "", CONFIG)
                            + "; give the file of the template itself");
        }
        return template;
    }

    private static Map<String, String> configured(JsonNode template, Path file) {
        if (template.isString()) {
            return Map.of(DEFAULT, template.stringValue());
        }
        Map<String, String> templates = new LinkedHashMap<>();
        for (JsonNode each : template) {
            if (!each.path("name").isString() || !each.path("template").isString()) {
                throw AlignException.badInput(
                        file
                                + ": an element of chat_template is not as expected, {\"name\": …, \"template\": …}; correct it");
            }
            templates.put(each.get("name").stringValue(), each.get("template").stringValue());
        }
        return templates;
    }

    /**
     * By name. Besides the standard ones, every field {@code …_token} that is text is one, and so are the entries of
     * {@code extra_special_tokens}.
     */
    Map<String, String> specialTokens() {
        Map<String, String> tokens = new LinkedHashMap<>();
        add(tokens, config);
        if (!config.has("added_tokens_decoder")) { // special_tokens_map.json is how older files say it
            add(tokens, TokenizerFiles.read(files, "special_tokens_map.json"));
        }
        return tokens;
    }

    private static void add(Map<String, String> tokens, JsonNode file) {
        file.forEachEntry((name, value) -> {
            if (STANDARD_TOKENS.contains(name) || name.endsWith("_token")) {
                addToken(tokens, name, value);
            }
        });
        JsonNode extra = file.path("extra_special_tokens");
        if (extra.isObject()) {
            extra.forEachEntry((name, value) -> addToken(tokens, name, value));
        }
    }

    private static void addToken(Map<String, String> tokens, String name, JsonNode value) {
        JsonNode content = value.isObject() ? value.path("content") : value;
        if (content.isString()) {
            tokens.put(name, content.stringValue());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw AlignException.badInput(file + ": this is not UTF-8, expected a chat template; download it again", e);
        } catch (IOException e) {
            throw AlignException.failure(file + ": reading failed: " + e, e);
        }
    }
}
