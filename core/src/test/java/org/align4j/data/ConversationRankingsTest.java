package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.text.ChatTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversationRankingsTest {
    /** {@code <u>hi</u>} for a user's message, after the tools' names; what begins an answer is {@code <a>}. */
    private static final ChatTemplate TEMPLATE = ChatTemplate.of(
            "{% if tools %}[{% for t in tools %}{{ t.name }}{% endfor %}]{% endif %}{{ mood }}"
                    + "{% for m in messages %}{% set r = m.role[0] %}<{{ r }}>{{ m.content }}</{{ r }}>{% endfor %}"
                    + "{% if add_generation_prompt %}<a>{% endif %}",
            Map.of(), "test");

    @TempDir
    private Path folder;

    private Ranking read(String row) throws IOException {
        return RankingReader.readAll(file(row), OnBadRow.FAIL, Chats.of(() -> TEMPLATE))
                .rows()
                .get(0);
    }

    private Path file(String row) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, row.replace('\'', '"') + "\n");
        return file;
    }

    private static List<String> texts(Ranking ranking) {
        return ranking.completions().stream().map(Ranking.Completion::text).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'prompt':[{'role':'user','content':'hi'}],'chosen':[{'role':'assistant','content':'yo'}],'rejected':[{'role':'assistant','content':'no'}]}",
                "{'prompt':[{'role':'user','content':'hi'}],'chosen':{'role':'assistant','content':'yo'},'rejected':'no'}",
                "{'chosen':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],'rejected':[{'role':'user','content':'hi'},{'role':'assistant','content':'no'}]}",
                "{'prompt':'another','chosen':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],'rejected':[{'role':'user','content':'hi'},{'role':'assistant','content':'no'}]}",
                "{'prompt':'hi','chosen':[{'role':'assistant','content':'yo'}],'rejected':[{'role':'assistant','content':'no'}]}",
                "{'conversations':[{'from':'human','value':'hi'}],'chosen':{'from':'gpt','value':'yo'},'rejected':{'from':'gpt','value':'no'}}",
                "{'prompt':[{'role':'user','content':'hi'}],'completions':['yo','no'],'ranks':[1,2]}",
                "{'prompt':[{'role':'user','content':'hi'}],'completions':[{'response':'yo','overall_score':8.5},{'response':'no','overall_score':3}]}",
            })
    void allSayTheSame(String row) throws IOException {
        Ranking ranking = read(row);
        assertThat(ranking.rendered()).isTrue();
        assertThat(ranking.prompt()).isEqualTo("<u>hi</u><a>");
        assertThat(texts(ranking)).containsExactly("<u>hi</u><a>yo</a>", "<u>hi</u><a>no</a>");
        assertThat(ranking.completions()).extracting(Ranking.Completion::tier).containsExactly(0, 1);
    }

    @Test
    void theLastMessageOfTheShorterConversationIsItsCompletion() throws IOException {
        Ranking ranking = read("{'chosen':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],"
                + "'rejected':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'},"
                + "{'role':'user','content':'?'}]}");
        assertThat(ranking.prompt()).isEqualTo("<u>hi</u><a>");
        assertThat(texts(ranking)).containsExactly("<u>hi</u><a>yo</a>", "<u>hi</u><a>yo</a><u>?</u>");
    }

    @Test
    void toolsAndArgumentsOfARowReachTheTemplate() throws IOException {
        String pair = "'prompt':[{'role':'user','content':'hi'}],'chosen':'yo','rejected':'no'}";
        assertThat(read("{'tools':[{'name':'f'},{'name':'g'}]," + pair).prompt())
                .isEqualTo("[fg]<u>hi</u><a>");
        assertThat(read("{'tools':'[{\\'name\\':\\'f\\'}]'," + pair).prompt()).isEqualTo("[f]<u>hi</u><a>");
        assertThat(read("{'chat_template_kwargs':{'mood':'!'}," + pair).prompt())
                .isEqualTo("!<u>hi</u><a>");
    }

    @Test
    void placesStandBesidePlainTextsToo() throws IOException {
        Ranking nectar = read("{'prompt':'p','answers':[{'answer':'c','rank':3.0},{'answer':'a','rank':1.0},"
                + "{'answer':'b','rank':2.0}]}");
        assertThat(nectar.rendered()).isFalse();
        assertThat(texts(nectar)).containsExactly("c", "a", "b");
        assertThat(nectar.completions()).extracting(Ranking.Completion::tier).containsExactly(2, 0, 1);

        Ranking ultraFeedback = read("{'instruction':'p','completions':[{'response':'a','overall_score':5},"
                + "{'response':'b','overall_score':7.5}]}");
        assertThat(ultraFeedback.prompt()).isEqualTo("p");
        assertThat(ultraFeedback.completions())
                .extracting(Ranking.Completion::tier)
                .containsExactly(1, 0);
    }

    @Test
    void alpacaHasItsOwnColumnsForAPrompt() throws IOException {
        assertThat(read("{'instruction':'Add','input':'2+2','chosen':'4','rejected':'5'}")
                        .prompt())
                .isEqualTo("Add\n2+2");
        assertThat(read("{'instruction':'Add','input':'','chosen':'4','rejected':'5'}")
                        .prompt())
                .isEqualTo("Add");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'chosen':[{'role':'user','content':'a'}],'rejected':[{'role':'user','content':'b'}]} | there is no `prompt`, and the conversations have no first message in common; add the column",
                "{'prompt':'p','chosen':[{'role':'assistant','content':'a'}],'rejected':[{'role':'assistant','content':'a'}]} | `chosen` and `rejected` are the same text, expected a preference between two",
                "{'prompt':'p','chosen':[{'role':'assistant','content':'a'}],'rejected':['b']} | `rejected[0]` is text, expected a message with `role` and `content`, or `from` and `value`",
                "{'prompt':[{'role':'user','content':'p'}],'chosen':'a','rejected':'b','tools':3} | `tools` is a number, expected a list of objects",
                "{'prompt':[{'role':'user','content':'p'}],'chosen':'a','rejected':'b','tools':'['} | `tools` is text that is no JSON, expected a list of objects",
                "{'prompt':[{'role':3}],'chosen':'a','rejected':'b'} | `prompt[0]` has the role 3, expected a message with `role` and `content`, or `from` and `value`",
                "{'prompt':[{'role':'user','content':'p'},{'content':'q','x':1}],'chosen':'a','rejected':'b'} | `prompt[1]` has the fields content, x, expected a message with `role` and `content`, or `from` and `value`",
                "{'prompt':'p','completions':[{'response':'a','score':1},{'response':'b'}]} | `completions[1]` has no rank or score",
            })
    void badRowsAreNamed(String row, String message) throws IOException {
        Path file = file(row);
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> RankingReader.readAll(file, OnBadRow.FAIL, Chats.of(() -> TEMPLATE)))
                .withMessageContaining("rows.jsonl:1: " + message);
    }

    @Test
    void aTemplateThatRefusesARowMakesItABadRow() throws IOException {
        ChatTemplate strict = ChatTemplate.of("{{ raise_exception('no system') }}", Map.of(), "strict");
        Path file = file("{'prompt':[{'role':'user','content':'p'}],'chosen':'a','rejected':'b'}\n"
                + "{'prompt':'p','chosen':'a','rejected':'b'}");
        Rows<Ranking> rows = RankingReader.readAll(file, OnBadRow.SKIP, Chats.of(() -> strict));
        assertThat(rows.rows()).hasSize(1);
        assertThat(rows.bad().summary())
                .singleElement()
                .asString()
                .contains("rows.jsonl:1: strict: the chat template refuses this conversation (line 1): no system");
    }

    @Test
    void promptsToGenerateFrom() throws IOException {
        for (String row : List.of(
                "{'prompt':[{'role':'user','content':'hi'}]}",
                "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]}",
                "{'conversations':[{'from':'human','value':'hi'}]}",
                "{'prompt':'hi','chosen':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],"
                        + "'rejected':[{'role':'user','content':'hi'},{'role':'assistant','content':'no'}]}")) {
            Prompt prompt = PromptReader.readAll(file(row), OnBadRow.FAIL, Chats.of(() -> TEMPLATE))
                    .rows()
                    .get(0);
            assertThat(prompt.text()).isEqualTo("<u>hi</u><a>");
            assertThat(prompt.rendered()).isTrue();
        }
    }
}
