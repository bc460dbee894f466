package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectRecipeTest {
    @TempDir
    private Path folder;

    private Path write(String name, String... rows) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, String.join("\n", rows).replace('\'', '"'));
        return file;
    }

    private static String inspect(boolean colours, Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InspectRecipe.run(
                InspectConfig.SCHEMA.read(settings),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                colours,
                Runs.listener());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void countsWhatIsThere() throws IOException {
        Path train = write(
                "train.jsonl",
                "{'prompt':'aaaa','chosen':'bbbbbbb','rejected':'c'}",
                "{'prompt':'aaaa','chosen':'bbbbbbb','rejected':'c'}",
                "{'prompt':'aaaa','chosen':'b','rejected':'ccc'}",
                "{'prompt':'','completions':['x','yy','zzz'],'ranks':[1,2,2]}",
                "{'prompt':'broken','chosen':'c'}");
        Path held = write(
                "held.jsonl",
                "{'prompt':'aaaa','chosen':'b','rejected':'c'}",
                "{'prompt':'new','chosen':'b','rejected':'c'}");
        assertThat(inspect(false, "data", train, "eval_data", held))
                .contains("train.jsonl: 5 rows\n  1 row skipped")
                .contains(
                        "  3 rankings (prompt, chosen, rejected), for dpo, orpo, reward, kto (pairs), score, generate\n"
                                + "  1 rankings (prompt, completions, ranks), for dpo,")
                .contains("\n4 good rows: plain text\n  3 with 2 completions\n  1 with 3 completions\n")
                .contains(
                        "  1 rows stand here twice; 1 more have the prompt of an earlier row\n"
                                + "  1 rows have no prompt\n  of 6 pairs of completions 1 are tied and 0 are the same text twice\n")
                .contains("  1 of 2 rows have a prompt of the training data\n")
                .contains("prompts in characters: shortest 0, median 4, 90 % up to 4, longest 4\n")
                .contains("completions in characters: shortest 1, median 2, 90 % up to 7, longest 7\n")
                // Better minus worse: 6, 6, −2, −1, −2.
                .contains("longer in 40.0 % of 5 pairs and shorter in 60.0 %; on average it has +1.4 characters.");
    }

    @Test
    void showsARowAsTokens() throws IOException {
        Path model = Path.of("src/test/resources/golden/trl/model");
        Path data = write("t.jsonl", "{'prompt':'the cat','chosen':' sat','rejected':' ran off'}");
        String plain = inspect(false, "data", data, "model", model);
        assertThat(plain)
                .contains("For training at max_length = 1024:\n  1 of 1 row kept")
                .contains("|");
        String shown = inspect(true, "data", data, "model", model);
        assertThat(shown).contains("\u001b[2m").contains("\u001b[30;46m");
        String text = shown.substring(shown.indexOf("prompt, ")).replaceAll("\u001b\\[[0-9;]*m", "");
        assertThat(text).contains("the cat").contains(" sat").contains(" ran off");
    }

    @Test
    void saysHowPeopleJudged() throws IOException {
        String row = "{'prompt':'p','completion_a':'%s','completion_b':'%s','preference':'%s','evaluator':'%s',"
                + "'completion_a_is_acceptable':'yes','completion_b_is_acceptable':'no'}";
        assertThat(inspect(
                        false,
                        "data",
                        write(
                                "t.jsonl",
                                row.formatted("x", "y", "a-is-better", "al"),
                                row.formatted("x", "y", "tie", "bo"),
                                row.formatted("y", "x", "a-is-better", "bo"),
                                row.formatted("z", "z", "tie", "bo"))))
                .contains("  4 rankings (prompt, completion_a, completion_b, preference), for dpo,")
                .contains("  of 4 pairs of completions 1 are tied and 1 are the same text twice\n"
                        + "  4 completions are called good and 4 bad: 50.0 % good\n"
                        + "  2 people judged 1 to 3 rows each\n"
                        + "  1 pairs of answers were judged more than once, 3 times in all: of two judgements 0 % agree,"
                        + " 33 % are opposite, in the others one is a tie; Krippendorff's alpha is -0.25\n");
    }

    @Test
    void takesRowsOfEveryType() throws IOException {
        Path data = write(
                "t.jsonl",
                "{'text':'the cat'}",
                "{'prompt':'the'}",
                "{'prompt':'the','completion':' cat'}",
                "{'prompt':'the','completion':' cat','label':false}",
                "{'prompt':'the','completions':[' cat',' sat'],'labels':[true,true]}",
                "{'prompt':'the','completions':[' cat',' sat']}",
                "{'messages':[{'role':'user','content':'the'},{'role':'assistant','content':'cat'}]}");
        assertThat(inspect(false, "data", data))
                .contains("  1 texts and conversations (text), for sft\n"
                        + "  1 prompts (prompt), for generate\n"
                        + "  1 demonstrations (prompt, completion), for sft, generate\n"
                        + "  1 labelled completions (prompt, completion, label), for kto, sft, generate\n"
                        + "  1 labelled steps (prompt, completions, labels), for generate\n"
                        + "  1 unranked completions (prompt, completions), for score, generate\n"
                        + "  1 texts and conversations (messages), for sft\n")
                .contains("7 good rows: 1 of them conversations\n  conversations of 2 to 2 messages, median 2\n")
                .contains("  2 completions are called good and 1 bad: 66.7 % good\n");
    }

    @Test
    void showsWhatIsMasked() throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden/trl/model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}</s>"
                        + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        Path data = write(
                "t.jsonl",
                "{'messages':[{'role':'user','content':'the'},{'role':'assistant','content':' cat'},"
                        + "{'role':'user','content':'the'},{'role':'assistant','content':' sat'}]}",
                "{'prompt':'the cat'}");
        String all = inspect(false, "data", data, "model", model);
        assertThat(lastLine(all).replace("|", "")).isEqualTo("the cat⟦</s>⟧ the sat⟦</s>⟧");
        String masked = inspect(false, "data", data, "model", model, "assistant_only_loss", true);
        assertThat(masked.replace("|", ""))
                .contains("masked: the\ntrained:  cat⟦</s>⟧\nmasked:  the\ntrained:  sat⟦</s>⟧\n");
        String last = inspect(false, "data", data, "model", model, "assistant_only_loss", true, "mask_history", true);
        assertThat(last.replace("|", "")).contains("masked: the cat⟦</s>⟧ the\ntrained:  sat⟦</s>⟧\n");
        assertThat(inspect(true, "data", data, "model", model, "assistant_only_loss", true))
                .contains("\u001b[2;4m")
                .contains("\u001b[30;45m</s>");
        assertThat(lastLine(inspect(false, "data", data, "model", model, "row", 2))
                        .replace("|", ""))
                .isEqualTo("⟦<s>⟧ the cat");
    }

    private static String lastLine(String text) {
        String stripped = text.stripTrailing();
        return stripped.substring(stripped.lastIndexOf('\n') + 1);
    }
}
