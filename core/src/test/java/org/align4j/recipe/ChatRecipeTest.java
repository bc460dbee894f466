package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.config.Setting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class ChatRecipeTest {
    private static final Path MODEL = Path.of("src/test/resources/golden/trl/model");

    @TempDir
    private Path folder;

    private final Runs.Listener listener = Runs.listener();

    @BeforeEach
    void aModelThatChats() throws IOException {
        try (Stream<Path> files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }} said {{ m.content }}. {% endfor %}");
    }

    private Map<String, Setting> settings(Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of("model", folder, "max_new_tokens", 9, "temperature", 0));
        all.addAll(List.of(keysAndValues)); // a later one wins
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return settings;
    }

    /** What is written after each line of input. */
    private List<String> chat(String input, Object... keysAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> answers = new ArrayList<>();
        BufferedReader in = new BufferedReader(new StringReader(input)) {
            @Override
            public String readLine() throws IOException {
                String written = out.toString(StandardCharsets.UTF_8);
                assertThat(written).endsWith("> ");
                answers.add(written.substring(0, written.length() - 2).replaceFirst("\n$", ""));
                out.reset();
                return super.readLine();
            }
        };
        ChatRecipe.run(
                ChatConfig.SCHEMA.read(settings(keysAndValues)),
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                listener);
        assertThat(answers.remove(0)).contains("/help");
        return answers;
    }

    /** The most probable answer to a conversation, of a role and a text in turn. */
    private String complete(String... rolesAndTexts) throws IOException {
        List<Map<String, String>> messages = new ArrayList<>();
        for (int i = 0; i < rolesAndTexts.length; i += 2) {
            messages.add(Map.of("role", rolesAndTexts[i], "content", rolesAndTexts[i + 1]));
        }
        Path file = folder.resolve("prompt.jsonl");
        Files.writeString(file, new JsonMapper().writeValueAsString(Map.of("prompt", messages)));
        return generate("data", file);
    }

    private String generate(Object... keysAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GenerateRecipe.run(
                GenerateConfig.SCHEMA.read(settings(keysAndValues)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                Runs.listener());
        return new JsonMapper()
                .readTree(out.toString(StandardCharsets.UTF_8))
                .get("completions")
                .get(0)
                .get("text")
                .stringValue()
                .strip();
    }

    @Test
    void remembersWhatWasSaid() throws IOException {
        List<String> answers = chat("a cat\na dog\n/retry\n/reset\na dog\n/exit\nnever read\n");
        String first = answers.get(0);
        assertThat(first.strip()).isNotEmpty().isEqualTo(complete("user", "a cat"));
        String second = answers.get(1);
        assertThat(second.strip()).isEqualTo(complete("user", "a cat", "assistant", first, "user", "a dog"));
        assertThat(answers.get(2)).isEqualTo(second);
        assertThat(answers.get(3)).isEmpty();
        assertThat(answers.get(4).strip()).isEqualTo(complete("user", "a dog"));
        assertThat(answers).hasSize(5);
    }

    @Test
    void anAnswerThatIsCutSaysSo() {
        chat("a cat\n", "max_new_tokens", 1);
        assertThat(listener.messages)
                .containsExactly("(cut at max_new_tokens 1; for more /set max_new_tokens and /retry)");
    }

    @Test
    void theSystemSpeaksFirst() throws IOException {
        List<String> answers = chat("a cat\n/reset\na cat\n", "system", "hush");
        assertThat(answers.get(0).strip()).isEqualTo(complete("system", "hush", "user", "a cat"));
        assertThat(answers.get(2)).isEqualTo(answers.get(0));
    }

    @Test
    void anotherTemplateMayWriteTheConversation() throws IOException {
        String given = "{% for m in messages %}{{ m.content }}! {% endfor %}";
        String answer = chat("a cat\n", "chat_template", given, "dtype", "float32")
                .get(0)
                .strip();
        String generated = generate("prompt", "a cat", "chat", true, "chat_template", given);
        assertThat(answer).isNotEqualTo(complete("user", "a cat"));
        Files.writeString(folder.resolve("chat_template.jinja"), given);
        assertThat(answer).isEqualTo(complete("user", "a cat"));
        assertThat(generated).isEqualTo(answer);
    }

    @Test
    void twoModelsAnswerSideBySide() {
        String answer = chat("a cat\n").get(0);
        assertThat(chat("a cat\n", "compare", folder)).first().isEqualTo("[" + folder + "] " + answer);
    }

    @Test
    void commandsThatMakeNoSenseSaySo() {
        List<String> answers = chat(
                "/retry\n/set colour red\n/set top_p 2\n/wave\n\n/set max_new_tokens 1\na cat\n/set max_new_tokens 99999\na cat\n");
        assertThat(answers.get(0)).isEqualTo("there is no answer to give again");
        assertThat(answers.get(1)).startsWith("expected /set with one of temperature, top_p, top_k,");
        assertThat(answers.get(2)).contains("top_p is 2.0, expected above 0, at most 1");
        assertThat(answers.get(3)).startsWith("there is no command /wave");
        assertThat(answers.get(4)).isEmpty();
        String longer = chat("a cat\n").get(0);
        assertThat(longer).startsWith(answers.get(6)).isNotEqualTo(answers.get(6));
        assertThat(answers.get(8)).contains("the model was made for").contains("/reset");
    }
}
