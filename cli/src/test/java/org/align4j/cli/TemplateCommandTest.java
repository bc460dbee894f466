package org.align4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code align4j template} prints, and what it says to mistakes. */
class TemplateCommandTest {
    private record Result(int code, String out, String err) {}

    @TempDir
    private Path folder;

    private Path messages;
    private Path template;

    @BeforeEach
    void write() throws IOException {
        messages = write("messages.json", """
                [{"role": "user", "content": "Hé 😀", "n": 1.0, "i": 12345678901234567890},
                 {"role": "assistant", "content": "Yo "}]""");
        template = write(
                "chat.jinja",
                "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{% generation %}{{ m.content }}{% endgeneration %}"
                        + "{% endfor %}{{ '<assistant>' if add_generation_prompt }}");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Result run(Object... arguments) {
        List<String> words = new ArrayList<>(List.of("template"));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, UTF_8));
            System.setErr(new PrintStream(err, true, UTF_8));
            int code = Align4j.run(words.toArray(new String[0]));
            return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
        }
    }

    @Test
    void printsTheTextAndNothingElse() {
        assertThat(run("--template", template, "--messages", messages, "--add-generation-prompt"))
                .isEqualTo(new Result(0, "<user>Hé 😀<assistant>Yo <assistant>", ""));
    }

    @Test
    void numbersAndOrderOfFieldsStay() throws IOException {
        Path shows = write("show.jinja", "{{ messages[0] | tojson }}");
        assertThat(run("--template", shows, "--messages", messages).out())
                .isEqualTo("{\"role\": \"user\", \"content\": \"Hé 😀\", \"n\": 1.0, \"i\": 12345678901234567890}");
    }

    @Test
    void variablesAreSetOneByOneOrTogether() throws IOException {
        Path shows = write("show.jinja", "{{ a }}|{{ b }}");
        assertThat(run("--template", shows, "--messages", messages, "--set", "a=\"x=\\ny=1\"", "--set", "b=[1,\n2]")
                        .out())
                .isEqualTo("x=\ny=1|[1, 2]");
        assertThat(run("--template", shows, "--messages", messages, "--set", "{\"a\": null, \"b\": \"é\"}")
                        .out())
                .isEqualTo("None|é");
    }

    @Test
    void theMaskCountsCodePoints() {
        assertThat(run("--template", template, "--messages", messages, "--set", "bos_token=\"<s>\"", "--mask"))
                .isEqualTo(new Result(
                        0,
                        "<s><user>Hé 😀<assistant>Yo ",
                        "{\"generation_spans\":[[9,13],[24,27]],\"found_by\":\"generation blocks\"}"
                                + System.lineSeparator()));
    }

    /** As in training with assistant_only_loss. */
    @Test
    void withoutMarksTheMaskIsFoundByRendering() throws IOException {
        String source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>\n{% endfor %}"
                + "{{ '<assistant>' if add_generation_prompt }}";
        String found = "{\"generation_spans\":[[25,31]],\"found_by\":\"rendering up to each answer\"}"
                + System.lineSeparator();
        String text = "<user>Hé 😀</>\n<assistant>Yo </>\n";
        assertThat(run("--chat-template", source, "--messages", messages, "--mask"))
                .isEqualTo(new Result(0, text, found));
        assertThat(run("--chat-template", source, "--messages", messages, "--mask", "--add-generation-prompt"))
                .isEqualTo(new Result(0, text + "<assistant>", found));
        Path asks = write("asks.json", "[{\"role\": \"user\", \"content\": \"Hi\"}]");
        assertThat(run("--chat-template", source, "--messages", asks, "--mask").err())
                .startsWith("{\"generation_spans\":[],");
    }

    @Test
    void aTemplateMayTakeThePlaceOfTheModels() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"bos_token\": \"<b>\", \"chat_template\": [{\"name\": \"default\", \"template\": \"own\"},"
                        + " {\"name\": \"rag\", \"template\": \"{{ bos_token }}rag\"}]}");
        Path file = write("given.jinja", "{{ bos_token }}given");
        for (String[] each :
                new String[][] {{"rag", "<b>rag"}, {file.toString(), "<b>given"}, {"{{ bos_token }}!", "<b>!"}}) {
            assertThat(run("--model", folder, "--chat-template", each[0], "--messages", messages))
                    .isEqualTo(new Result(0, each[1], ""));
        }
        fails(
                2,
                "or the name of one that the model has",
                "--model",
                folder,
                "--chat-template",
                "rug",
                "--messages",
                messages);
        fails(2, "goes into chat_template", "--model", folder, "--template", file, "--messages", messages);
    }

    @Test
    void aModelBringsItsTemplateAndTokens() throws IOException {
        write("tokenizer_config.json", "{\"bos_token\": \"<b>\", \"chat_template\": \"unused\"}");
        write("chat_template.jinja", "{{ bos_token }}{{ messages[0].content }}{{ tools[0].name }}");
        Path tools = write("tools.json", "{\"tools\": [{\"name\": \"f\"}]}");
        assertThat(run("--model", folder, "--messages", messages, "--tools", tools))
                .isEqualTo(new Result(0, "<b>Hé 😀f", ""));
    }

    @Test
    void aMessageToContinueEndsTheText() {
        assertThat(run("--template", template, "--messages", messages, "--continue-final-message")
                        .out())
                .isEqualTo("<user>Hé 😀<assistant>Yo ");
    }

    @Test
    void mistakesAreALineAndACode() throws IOException {
        fails(2, "expected one of model and template", "--messages", messages);
        fails(2, "no such file", "--template", template, "--messages", folder.resolve("nope"));
        fails(2, "there is no such folder", "--model", folder.resolve("nope"), "--messages", messages);
        fails(2, "name=JSON", "--template", template, "--messages", messages, "--set", "x");
        fails(2, "broken JSON", "--template", template, "--messages", messages, "--set", "x=tru");
        fails(2, "has an option of its own", "--template", template, "--messages", messages, "--set", "tools=[]");
        fails(
                2,
                "choose one",
                "--template",
                template,
                "--messages",
                messages,
                "--continue-final-message",
                "--add-generation-prompt");
        fails(3, "there is no chat template", "--model", folder, "--messages", messages);
        fails(3, "chat.jinja:1:2: broken JSON", "--template", template, "--messages", template);
        Path number = write("number.json", "7");
        fails(3, "found one value of type number", "--template", template, "--messages", number);
        fails(3, "the conversation is empty", "--template", template, "--messages", write("empty.json", "[]"));
        Path broken = write("broken.jinja", "a\n{% if %}");
        fails(3, "is broken at line 2, column 7", "--template", broken, "--messages", messages);
        Path refuses = write("refuses.jinja", "{{ raise_exception('No ' ~ messages[0].role) }}");
        fails(3, "refuses this conversation (line 1): No user", "--template", refuses, "--messages", messages);
        Path fails = write("fails.jinja", "{{ messages.x.y }}");
        fails(3, "fails at line 1, column 14", "--template", fails, "--messages", messages);
    }

    private void fails(int code, String words, Object... arguments) {
        Result result = run(arguments);
        assertThat(result.err()).contains(words).hasLineCount(1);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.out()).isEmpty();
    }
}
