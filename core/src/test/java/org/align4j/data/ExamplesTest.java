package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What a row is, judged by its own fields. */
class ExamplesTest {
    @TempDir
    private Path folder;

    static Example read(String row) {
        try {
            return Forms.any(new Fields(new JsonMapper().readTree(row.replace('\'', '"')), new Source("rows", 1)));
        } catch (BadRowException e) {
            throw AlignException.badInput(e.getMessage());
        }
    }

    /** Texts as they are, messages as {@code user: hi}. */
    private static String text(Content content) {
        if (content instanceof Content.Text text) {
            return text.text();
        }
        List<String> lines = new ArrayList<>();
        content.messages("").forEach(message -> lines.add(message.get("role") + ": " + message.get("content")));
        return String.join("; ", lines);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // TRL's types, standard and conversational
                "{'text':'The sky is blue.'} | LANGUAGE | | The sky is blue.",
                "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]} | LANGUAGE | | user: hi; assistant: yo",
                "{'prompt':'p'} | PROMPT | p | ",
                "{'prompt':[{'role':'user','content':'hi'}]} | PROMPT | user: hi | ",
                "{'prompt':'p','completion':'c'} | DEMONSTRATION | p | c",
                "{'prompt':[{'role':'user','content':'hi'}],'completion':[{'role':'assistant','content':'yo'}]} | DEMONSTRATION | user: hi | assistant: yo",
                "{'prompt':'p','chosen':'c','rejected':'r'} | RANKING | p | c / r",
                "{'chosen':'p c','rejected':'p r'} | RANKING | p | ~ c /  r~",
                "{'prompt':'p','completion':'c','label':true} | LABELLED | p | c",
                "{'prompt':'p','completions':['a','b'],'labels':[true,false]} | STEPS | p | a / b",
                // ShareGPT and LLaMA-Factory
                "{'system':'be brief','conversations':[{'from':'human','value':'hi'},{'from':'gpt','value':'yo'}]} | LANGUAGE | | system: be brief; user: hi; assistant: yo",
                "{'system':'no','conversations':[{'from':'system','value':'own'},{'from':'human','value':'hi'},{'from':'gpt','value':'yo'}]} | LANGUAGE | | system: own; user: hi; assistant: yo",
                "{'conversations':[{'from':'human','value':'hi'}]} | PROMPT | user: hi |",
                "{'conversations':[{'from':'human','value':'hi'}],'chosen':{'from':'gpt','value':'a'},'rejected':{'from':'gpt','value':'b'}} | RANKING | user: hi | assistant: a / assistant: b",
                "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],'label':false} | LABELLED | user: hi | assistant: yo",
                "{'conversations':[{'from':'human','value':'hi'},{'from':'gpt','value':'yo'}],'kto_tag':true} | LABELLED | user: hi | assistant: yo",
                // Alpaca
                "{'instruction':'Add','input':'2+2','output':'4'} | DEMONSTRATION | ~Add\n2+2~ | 4",
                "{'instruction':'Add','output':'4','kto_tag':1} | LABELLED | Add | 4",
                // CSV has texts only
                "{'prompt':'p','completion':'c','label':'False'} | LABELLED | p | c",
                // Rankings of many
                "{'prompt':'p','generations':['a','b'],'ratings':['4','5']} | RANKING | p | a / b",
                "{'prompt':'p','completions':['a','b']} | SAMPLES | p | a / b",
                "{'prompt':'p','completions':[{'model':'m','completion':'a'},{'model':'n','completion':'b'}]} | SAMPLES | p | a / b",
            })
    void aRowIsWhatItsFieldsSay(String row, Kind kind, String prompt, String answers) {
        Example example = read(row);
        assertThat(example.kind()).isEqualTo(kind);
        assertThat(text(example.prompt())).isEqualTo(prompt == null ? "" : prompt);
        List<String> texts =
                example.answers().stream().map(answer -> text(answer.content())).toList();
        assertThat(String.join(" / ", texts)).isEqualTo(answers == null ? "" : answers);
    }

    @Test
    void labelsOfAnyShape() {
        for (String good : List.of("true", "1", "'true'", "'True'", "'1'")) {
            Answer answer = read("{'prompt':'p','completion':'c','label':" + good + "}")
                    .answers()
                    .get(0);
            assertThat(answer.good()).isTrue();
            assertThat(answer.tier()).isZero();
        }
        for (String bad : List.of("false", "0", "'False'")) {
            Answer answer = read("{'prompt':'p','completion':'c','label':" + bad + "}")
                    .answers()
                    .get(0);
            assertThat(answer.good()).isFalse();
            assertThat(answer.tier()).isEqualTo(1);
        }
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','completion':'c','label':2}"))
                .withMessage("rows:1: `label` is 2, expected true (desirable) or false");
    }

    /** A row as openbmb/UltraFeedback has them, shortened. */
    private static String ultraFeedback(String first, String second) {
        return "{'source':'evol_instruct','instruction':'Say hi','models':['m','n'],'completions':["
                + "{'model':'m','principle':'honesty','custom_system_prompt':'s','response':'a','critique':'x',"
                + "'annotations':{'helpfulness':{'Rating':'2','Rationale':'r','Type':['1']},"
                + "'honesty':{'Rating':'N/A','Rationale':'r'},'truthfulness':{'Rating':'5','Rationale':'r'}}"
                + first + "},"
                + "{'model':'n','response':'b','annotations':{'helpfulness':{'Rating':'4'},'honesty':{'Rating':'3'}}"
                + second + "}],'correct_answers':['None'],'incorrect_answers':['None']}";
    }

    @Test
    void theFirstScoreThatAllCompletionsHaveCounts() {
        Example overall = read(ultraFeedback(
                ",'overall_score':8.5,'fine-grained_score':1", ",'overall_score':7.0,'fine-grained_score':2"));
        assertThat(overall.answers()).extracting(Answer::score).containsExactly(8.5, 7.0);
        assertThat(overall.answers()).extracting(Answer::tier).containsExactly(0, 1);
        assertThat(overall.form()).isEqualTo("prompt, completions[overall_score]");

        // One overall score beside a score on another scale would not be a ranking.
        Example fineGrained = read(ultraFeedback(
                ",'overall_score':8.5,'fine-grained_score':1", ",'overall_score':'N/A','fine-grained_score':2.5"));
        assertThat(fineGrained.answers()).extracting(Answer::score).containsExactly(1.0, 2.5);
        assertThat(fineGrained.answers()).extracting(Answer::tier).containsExactly(1, 0);

        Example aspects = read(ultraFeedback("", ""));
        assertThat(aspects.answers()).extracting(Answer::score).containsExactly(3.5, 3.5);
        assertThat(aspects.isTied()).isTrue();
    }

    @Test
    void completionsToJudgeNeedNoPlaces() throws IOException {
        Path file = Files.writeString(folder.resolve("rows.jsonl"), """
                {"prompt": "p", "completions": ["a", "b"]}
                {"prompt": "p", "completions": ["a", "b"], "ranks": [1, 1]}
                {"prompt": "p", "chosen": "a", "rejected": "b"}
                """);
        List<Ranking> rankings = new ArrayList<>();
        RankingReader.readUnranked(file, OnBadRow.FAIL, Chats.NONE, rankings::add);
        assertThat(rankings)
                .hasSize(3)
                .allSatisfy(ranking -> assertThat(ranking.completions())
                        .extracting(Ranking.Completion::text)
                        .containsExactly("a", "b"));
    }

    @Test
    void whatIsNothingIsNamed() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'question':'p','reply':'c'}"))
                .withMessage("rows:1: found the fields question, reply, expected `prompt`, `completion`, `chosen` and"
                        + " `rejected`, `completions`, `messages` or `text`; rename the columns");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'messages':[{'role':'user','content':'hi'}],'label':true}"))
                .withMessage(
                        "rows:1: `messages` does not end with an answer, expected the assistant's message at the end");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','completions':['a'],'labels':[true,false]}"))
                .withMessage("rows:1: `labels` has 2 values for 1 completion, expected one each");
    }

    @Test
    void aPreferencesPromptIsNoDemonstration() throws BadRowException {
        String prompt = "{'conversations':[{'from':'human','value':'hi'}],";
        String answers = "'chosen':{'from':'gpt','value':'yo'},'rejected':{'from':'gpt','value':'no'}}";
        Fields row =
                new Fields(new JsonMapper().readTree((prompt + answers).replace('\'', '"')), new Source("rows", 1));
        assertThatExceptionOfType(BadRowException.class)
                .isThrownBy(() -> Forms.demonstration(row))
                .withMessageContaining("`conversations` is the prompt of a preference")
                .withMessageContaining("data convert --to prompt_completion");
    }

    @Test
    void whatIsCalledBadIsNotImitated() throws IOException {
        Path rows = folder.resolve("labelled.jsonl");
        Files.writeString(rows, """
                {"prompt": "p", "completion": "good", "label": true}
                {"prompt": "p", "completion": "bad", "label": false}
                {"prompt": "p", "completion": "bad too", "label": "False"}
                {"prompt": "p", "completion": "of class 0", "label": 0}
                """);
        Rows<Ranking> read = DemonstrationReader.readAll(rows, OnBadRow.SKIP, Chats.NONE, true);
        assertThat(read.rows()).hasSize(2);
        assertThat(read.bad().summary())
                .singleElement()
                .asString()
                .contains("labelled.jsonl:2: `label` is false, expected what is to be imitated");
    }
}
