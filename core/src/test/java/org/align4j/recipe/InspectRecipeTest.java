package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.config.Setting;
import org.align4j.data.BadRows;
import org.align4j.data.OnBadRow;
import org.align4j.data.RankingReader;
import org.align4j.text.SharedData;
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
                                + "  1 ranking (prompt, completions, ranks), for dpo,")
                .contains("\n4 good rows: plain text\n  3 with 2 completions\n  1 with 3 completions\n")
                .contains("  1 row stands here twice; 1 more has the prompt of an earlier row\n"
                        + "  1 row has no prompt\n  of 6 pairs of completions 1 is tied (0 of them the same text"
                        + " twice) and 0 prefer a text to itself\n")
                .contains(
                        "held.jsonl: 2 rows\n  2 rankings (prompt, chosen, rejected), for dpo, orpo, reward, kto (pairs), score,"
                                + " generate\n  1 of 2 rows have a prompt of the training data\n")
                .contains("prompts in characters: shortest 0, median 4, 90 % up to 4, longest 4\n")
                .contains("completions in characters: shortest 1, median 2, 90 % up to 7, longest 7\n")
                // Better minus worse: 6, 6, −2, −1, −2.
                .contains("longer in 40.0 % of 5 pairs and shorter in 60.0 %; on average it is 1.4 characters longer.");
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
    void lengthsAreThoseOfTheRowAsTheModelSeesIt() throws IOException {
        Path model = SharedData.require("models/stories260k");
        Path data = write("t.jsonl", "{'prompt':'the cat','completion':' sat'}");
        String shown = inspect(false, "data", data, "model", model);
        // ⟦<s>⟧ and the prompt; the completion and ⟦</s>⟧.
        assertThat(shown)
                .contains("prompts in tokens: shortest 4,")
                .contains("\nprompt, 4 tokens, not trained on:\n")
                .contains("completions in tokens: shortest 3,")
                .contains("\ncompletion, 3 tokens, 3 trained on:\n");
        // Of a conversation the template writes all of it.
        Path chat = write("c.jsonl", "{'prompt':[{'role':'user','content':'the'}],'completion':'cat'}");
        Path template = Files.writeString(
                folder.resolve("t.jinja"), "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}");
        assertThat(inspect(false, "data", chat, "model", model, "chat_template", template))
                .contains("prompts in tokens: shortest 3,")
                .contains("\nprompt, 3 tokens, not trained on:\n");
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
                .contains(
                        "  of 4 pairs of completions 2 are tied (1 of them the same text twice) and 0 prefer a text to itself\n"
                                + "  dpo, orpo and reward: 2 rows skipped (all completions tied, nothing is preferred), the first: "
                                + folder.resolve("t.jsonl")
                                + ":2: all completions are tied, expected at least one that is better"
                                + " than another\n"
                                + "  4 completions are called good and 4 bad: 50.0 % good\n"
                                + "  2 people judged 1 to 3 rows each\n"
                                + "  1 pair of answers was judged more than once, 3 times in all: of two judgements 0 % agree,"
                                + " 33 % are opposite, in the others one is a tie; Krippendorff's alpha of better, tied and worse is -0.25\n");
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
                .contains("  1 text or conversation (text), for sft\n"
                        + "  1 prompt (prompt), for generate\n"
                        + "  1 demonstration (prompt, completion), for sft, generate\n"
                        + "  1 labelled completion (prompt, completion, label), for kto, generate, sft (the good"
                        + " ones: data convert --to prompt_completion)\n"
                        + "  1 row of labelled steps (prompt, completions, labels), for prm, score, generate\n"
                        + "  1 row of unranked completions (prompt, completions), for score, generate\n"
                        + "  1 text or conversation (messages), for sft\n")
                .contains("7 good rows: 1 of them conversations\n  conversations of 2 to 2 messages, median 2\n"
                        + "  solutions of 2 to 2 steps, median 2\n")
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

    /** What training leaves out is left out here, with the same words; 39 of Tulu's ties are the same text twice. */
    @Test
    void countsAsTrainingDoes() throws IOException {
        Path tulu = SharedData.require("preference/tulu_human_eval/eval_annotations_tulu_1.jsonl");
        BadRows left = RankingReader.readAll(tulu, OnBadRow.SKIP).bad();
        assertThat(left.groups())
                .extracting(BadRows.Group::reason, BadRows.Group::rows)
                .containsExactly(tuple(BadRows.Reason.IDENTICAL_COMPLETIONS, 1L), tuple(BadRows.Reason.ALL_TIED, 376L));
        assertThat(inspect(false, "data", tulu))
                .contains(
                        "of 1,150 pairs of completions 376 are tied (39 of them the same text twice) and 1 prefers a text to itself")
                .contains("  dpo, orpo and reward: " + left.summary().get(0) + "\n")
                .contains("  dpo, orpo and reward: " + left.summary().get(1) + "\n");
    }

    @Test
    void rowsThatNothingIsPreferredInAreNotCountedAsKept() throws IOException {
        Path data = write(
                "t.jsonl",
                "{'prompt':'the','completions':[' cat',' sat'],'scores':[1,1]}",
                "{'prompt':'the','chosen':' cat','rejected':' cat'}",
                "{'prompt':'the','chosen':' cat','rejected':' sat'}");
        String shown = inspect(false, "data", data, "model", "src/test/resources/golden/trl/model");
        assertThat(shown)
                .contains("For training at max_length = 1024:\n  1 of 1 row kept\n")
                .contains("(prompt, completions, scores), for dpo, orpo, reward (also --loss-type mse), kto (pairs),")
                .contains("t.jsonl:3 as the model sees it");
    }

    @Test
    void theFirstRowThatIsKeptIsShown() throws IOException {
        String model = "src/test/resources/golden/trl/model";
        Path data = write(
                "t.jsonl",
                "{'prompt':'the cat sat on the mat and the dog','completion':' cat'}",
                "{'prompt':'the','completion':' cat'}");
        assertThat(inspect(false, "data", data, "model", model, "max_length", 4))
                .contains("  1 of 2 rows kept\n  1 row dropped: the prompt alone fills max_length = 4 tokens\n")
                .contains("t.jsonl:2 as the model sees it");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> inspect(false, "data", data, "model", model, "max_length", 4, "row", 1))
                .withMessage("row is 1, which training would drop; show another");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> inspect(false, "data", data, "model", model, "row", 3))
                .withMessage("row is 3, and there are 2 good rows; show another");
        assertThat(inspect(false, "data", data, "model", model, "max_length", 2))
                .endsWith("Training would drop every row: there is none to show.\n");
    }

    @Test
    void stepsAreThoseOfAProcessRewardModel() throws IOException {
        Path data = write(
                "t.jsonl",
                "{'prompt':'the','completions':[' cat',' sat',' on'],'labels':[true,false,true]}",
                "{'prompt':'the','completions':[' cat'],'labels':[1]}");
        String shown =
                inspect(false, "data", data, "model", "src/test/resources/golden/trl/model", "step_separator", "!!");
        assertThat(shown)
                .contains("  2 rows of labelled steps (prompt, completions, labels), for prm, score, generate\n")
                .contains("\n  solutions of 1 to 3 steps, median 3\n")
                .contains("  3 steps are called good and 1 bad: 75.0 % good\n")
                .contains("  2 of 2 rows kept\n");
        assertThat(shown.replace("|", "")).contains("\ngood:   cat !!\nbad:   sat !!\ngood:   on !!\n");
        // Each step with its separator: 6 + 6 + 5 characters.
        assertThat(inspect(false, "data", data, "step_separator", "!!")).contains("shortest 6, median 17,");
    }

    @Test
    void aScoreIsForARewardModel() throws IOException {
        assertThat(inspect(false, "data", write("t.jsonl", "{'prompt':'p','completion':'c','score':'0.5'}")))
                .contains(
                        "  1 demonstration (prompt, completion, score), for reward (--loss-type mse), sft, generate\n")
                .doesNotContain("columns that are not read");
    }

    /** A label says something of an answer; of a text nobody asks whether it is good. */
    @Test
    void columnsThatAreNotReadAreNamed() throws IOException {
        assertThat(inspect(false, "data", write("t.jsonl", "{'text':'t','label':'pos','prompt':'p','id':1}")))
                .contains("  columns that are not read: id, label, prompt\n");
        assertThat(inspect(false, "data", write("t.jsonl", "{'prompt':'p','completion':'c','label':true,'id':1}")))
                .contains("  columns that are not read: id\n");
    }

    @Test
    void severalFilesAreOneDataset() throws IOException {
        Path one = write("a.jsonl", "{'prompt':'p','completion':'c'}");
        Path two = write("b.jsonl", "{'prompt':'p','completion':'d'}", "{}");
        assertThat(inspect(false, "data", one + "," + two, "eval_data", two + "," + one))
                .contains("a.jsonl: 1 row\n" + two + ": 2 rows\n  1 row skipped (")
                .contains("  2 of 2 rows have a prompt of the training data\n")
                .contains("2 good rows: plain text\n")
                .contains("  0 rows stand here twice; 1 more has the prompt of an earlier row\n");
    }

    @Test
    void anotherTemplateMayWriteTheConversations() throws IOException {
        String model = "src/test/resources/golden/trl/model";
        Path data =
                write("t.jsonl", "{'messages':[{'role':'user','content':'the'},{'role':'assistant','content':'cat'}]}");
        assertThat(lastLine(inspect(
                                false,
                                "data",
                                data,
                                "model",
                                model,
                                "chat_template",
                                "{% for m in messages %}<{{ m.content }}>{% endfor %}{{ eos_token }}"))
                        .replace("|", ""))
                .isEqualTo("<the><cat>⟦</s>⟧");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> inspect(false, "data", data, "chat_template", "{{ x }}"))
                .withMessage("chat_template is given without a model, whose tokens it would need; add --model");
    }

    private static String lastLine(String text) {
        String stripped = text.stripTrailing();
        return stripped.substring(stripped.lastIndexOf('\n') + 1);
    }
}
