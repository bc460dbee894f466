package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.text.ChatTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversionTest {
    private static final String CHAT = "{'prompt':[{'role':'user','content':'hi'}],"
            + "'chosen':[{'role':'assistant','content':'yo'}],'rejected':[{'role':'assistant','content':'no'}]}";

    @TempDir
    private Path folder;

    private List<String> messages;

    private Path write(String name, String... rows) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", rows).replace('\'', '"') + "\n");
    }

    private Path convert(Path data, String name, Conversion conversion, Merging.Scope scope) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path target = folder.resolve(name);
        messages = new Converter(conversion, scope, OnBadRow.FAIL).convert(List.of(data), RowFormat.of(target), out);
        return Files.write(target, out.toByteArray());
    }

    private Path convert(Path data, RowType to, String name) throws IOException {
        return convert(
                data, name, new Conversion(to, PairChoice.ALL, Optional.empty(), false, Set.of()), Merging.Scope.NONE);
    }

    private List<String> rows(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.replace('"', '\''))
                .toList();
    }

    private List<String> converted(RowType to, String... rows) throws IOException {
        return rows(convert(write("in.jsonl", rows), to, "out.jsonl"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "LANGUAGE_MODELING | {'prompt':'p','completion':' c'} | {'text':'p c'}",
                "LANGUAGE_MODELING | {'prompt':'p','chosen':' c','rejected':' r'} | {'text':'p c'}",
                "LANGUAGE_MODELING | {'prompt':'p','completions':[' a',' b'],'labels':[true,false]} | {'text':'p a b'}",
                "LANGUAGE_MODELING | {'prompt':[{'role':'user','content':'hi'}],'completion':'yo'} | {'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]}",
                "PROMPT_ONLY | {'prompt':'p','completion':' c'} | {'prompt':'p'}",
                "PROMPT_ONLY | {'prompt':'p','completions':['a','b']} | {'prompt':'p'}",
                "PROMPT_ONLY | {'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]} | {'prompt':[{'role':'user','content':'hi'}]}",
                "PROMPT_COMPLETION | {'prompt':'p','completions':['a','b'],'ranks':[2,1]} | {'prompt':'p','completion':'b'}",
                "PROMPT_COMPLETION | {'prompt':'p','completion':'c','label':true} | {'prompt':'p','completion':'c'}",
                "PROMPT_COMPLETION | {'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]} | {'prompt':[{'role':'user','content':'hi'}],'completion':[{'role':'assistant','content':'yo'}]}",
                "PREFERENCE | {'prompt':'p','completions':['a','b'],'scores':[1,2]} | {'prompt':'p','chosen':'b','rejected':'a','score_chosen':2.0,'score_rejected':1.0}",
                "PREFERENCE | {'chosen':'p c','rejected':'p r','margin':3} | {'prompt':'p','chosen':' c','rejected':' r','margin':3.0}",
                "PREFERENCE | {'prompt':'p','completion_a':'a','completion_b':'b','preference':'b-is-better'} | {'prompt':'p','chosen':'b','rejected':'a','score_chosen':2.0,'score_rejected':0.0}",
                "IMPLICIT_PREFERENCE | {'prompt':'p','chosen':' c','rejected':' r'} | {'chosen':'p c','rejected':'p r'}",
                "UNPAIRED_PREFERENCE | {'prompt':'p','completions':[' a',' b'],'labels':[true,false]} | {'prompt':'p','completion':' a b','label':false}",
                "RANKING | {'prompt':'p','chosen':'c','rejected':'r'} | {'prompt':'p','completions':['c','r'],'ranks':[1,2]}",
                "RANKING | {'prompt':'p','answers':[{'answer':'a','rank':3},{'answer':'b','rank':1},{'answer':'c','rank':3}]} | {'prompt':'p','completions':['a','b','c'],'ranks':[2,1,2]}",
                "SCORED_RANKING | {'instruction':'p','completions':[{'response':'a','overall_score':5},{'response':'b','overall_score':7.5}]} | {'prompt':'p','completions':['a','b'],'scores':[5.0,7.5]}",
                "MESSAGES | {'instruction':'Add','input':'2+2','output':'4'} | {'messages':[{'role':'user','content':'Add\\n2+2'},{'role':'assistant','content':'4'}]}",
                "SHAREGPT | {'prompt':'p','completion':'c','label':false} | {'conversations':[{'from':'human','value':'p'},{'from':'gpt','value':'c'}],'label':false}",
                "SHAREGPT | {'prompt':'p','chosen':'c','rejected':'r'} | {'conversations':[{'from':'human','value':'p'}],'chosen':{'from':'gpt','value':'c'},'rejected':{'from':'gpt','value':'r'}}",
                "ALPACA | {'prompt':'p','completion':'c'} | {'instruction':'p','input':'','output':'c'}",
                "ALPACA | {'instruction':'Add','input':'2+2','output':'4'} | {'instruction':'Add','input':'2+2','output':'4'}",
                "ALPACA | {'prompt':'p','completion':'c','label':true} | {'instruction':'p','input':'','output':'c','label':true}",
                "ALPACA | {'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]} | {'instruction':'hi','input':'','output':'yo'}",
                "STEPWISE_SUPERVISION | {'prompt':'p','completions':['a','b'],'labels':[1,0]} | {'prompt':'p','completions':['a','b'],'labels':[true,false]}",
            })
    void oneRowBecomesAnother(RowType to, String row, String expected) throws IOException {
        assertThat(converted(to, row)).containsExactly(expected);
    }

    @Test
    void pairsBecomeTwoLabelledRows() throws IOException {
        assertThat(converted(RowType.UNPAIRED_PREFERENCE, "{'prompt':'p','chosen':'c','rejected':'r'}"))
                .containsExactly(
                        "{'prompt':'p','completion':'c','label':true}",
                        "{'prompt':'p','completion':'r','label':false}");
        assertThat(messages).containsExactly("1 row read, 2 written");
        assertThat(converted(RowType.UNPAIRED_PREFERENCE, "{'prompt':'p','completions':['a','b','c'],'ranks':[2,1,3]}"))
                .containsExactly(
                        "{'prompt':'p','completion':'b','label':true}",
                        "{'prompt':'p','completion':'c','label':false}");
        assertThat(messages)
                .containsExactly("1 completion left out: between the best and the worst", "1 row read, 2 written");
    }

    @Test
    void whatHasNoPlaceIsCounted() throws IOException {
        assertThat(converted(
                        RowType.PREFERENCE,
                        "{'prompt':'p','completions':['a','b','c'],'ranks':[1,2,2],'id':7,'source':null}",
                        "{'prompt':'p','chosen':'c','rejected':'c'}"))
                .containsExactly(
                        "{'prompt':'p','chosen':'a','rejected':'b'}", "{'prompt':'p','chosen':'a','rejected':'c'}");
        assertThat(messages)
                .containsExactly(
                        "1 tied pair left out: nothing is preferred",
                        "1 pair left out: both completions are the same text",
                        "columns left out (--keep-columns takes them along): id",
                        "2 rows read, 2 written");
        assertThat(converted(
                        RowType.PROMPT_COMPLETION,
                        "{'prompt':'p','completion':'c','label':false}",
                        "{'prompt':'q','completion':'d','label':1}"))
                .containsExactly("{'prompt':'q','completion':'d'}");
        assertThat(messages.get(0)).isEqualTo("1 completion left out: called bad, not to be imitated");
    }

    @ParameterizedTest
    @CsvSource({"ALL, ab ac bc", "ADJACENT, ab bc", "BEST_REST, ab ac", "BEST_WORST, ac"})
    void rankingPairsSaysWhichPairs(PairChoice pairs, String expected) throws IOException {
        Path data = write("in.jsonl", "{'prompt':'p','completions':['a','b','c'],'ranks':[1,2,3]}");
        Conversion conversion = new Conversion(RowType.PREFERENCE, pairs, Optional.empty(), false, Set.of());
        List<String> rows = rows(convert(data, "out.jsonl", conversion, Merging.Scope.NONE));
        assertThat(rows)
                .containsExactlyElementsOf(List.of(expected.split(" ")).stream()
                        .map(two ->
                                "{'prompt':'p','chosen':'%s','rejected':'%s'}".formatted(two.charAt(0), two.charAt(1)))
                        .toList());
    }

    @Test
    void whatCannotBeSaysWhatItCanBe() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> converted(RowType.PREFERENCE, "{'prompt':'p'}"))
                .withMessageEndingWith(
                        "in.jsonl:1: rows such as this (prompts: prompt) cannot become preference; they can"
                                + " become prompt_only");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> converted(RowType.SCORED_RANKING, CHAT))
                .withMessageEndingWith(
                        "in.jsonl:1: rows such as this (rankings: prompt, chosen, rejected) cannot become"
                                + " scored_ranking; they can become language_modeling, prompt_only, prompt_completion, preference,"
                                + " unpaired_preference, implicit_preference, ranking, messages, sharegpt, alpaca");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> converted(RowType.MESSAGES, "{'text':'t'}"))
                .withMessageEndingWith("(texts and conversations: text) cannot become messages; they can become"
                        + " language_modeling");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> converted(RowType.PREFERENCE, "{'prompt':'p','chosen':'c','rejected':'c'}"))
                .withMessageEndingWith("in.jsonl: nothing of it has a place in the new type: 1 pair left out: both"
                        + " completions are the same text");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> converted(
                        RowType.ALPACA,
                        "{'messages':[{'role':'system','content':'s'},{'role':'user','content':'hi'},"
                                + "{'role':'assistant','content':'yo'}]}"))
                .withMessageContaining(
                        "in.jsonl:1: the prompt has 2 messages, and alpaca has place for one text of the user");
    }

    @Test
    void judgementsOfSeveralPeopleBecomeOneRow() throws IOException {
        String row = "{'prompt':'p','completion_a':'%s','completion_b':'%s','preference':'%s'}";
        Path data = write(
                "in.jsonl",
                row.formatted("x", "y", "a-is-better"),
                row.formatted("y", "x", "a-is-slightly-better"),
                row.formatted("x", "z", "b-is-better"));
        Conversion conversion = new Conversion(RowType.PREFERENCE, PairChoice.ALL, Optional.empty(), false, Set.of());
        assertThat(rows(convert(data, "out.jsonl", conversion, Merging.Scope.ANSWERS)))
                .containsExactly(
                        "{'prompt':'p','chosen':'x','rejected':'y','score_chosen':0.25,'score_rejected':-0.25}",
                        "{'prompt':'p','chosen':'z','rejected':'x','score_chosen':2.0,'score_rejected':0.0}");
        assertThat(messages.get(0)).isEqualTo("3 judgements were merged into 2 rankings");
        assertThat(messages.get(1)).startsWith("1 pair of answers was judged more than once, 2 times in all");
    }

    /** One meaning of a tie: nothing is preferred, whatever the texts; training counts so, too. */
    @Test
    void tiesOfOneTextAreTies() throws IOException {
        String[] rows = {
            "{'prompt':'p','completion_a':'x','completion_b':'x','preference':'tie'}",
            "{'prompt':'p','completion_a':'x','completion_b':'x','preference':'a-is-better'}",
            "{'prompt':'p','completion_a':'x','completion_b':'y','preference':'a-is-better'}"
        };
        assertThat(converted(RowType.PREFERENCE, rows)).hasSize(1);
        assertThat(messages)
                .startsWith(
                        "1 tied pair left out: nothing is preferred",
                        "1 pair left out: both completions are the same text");
        assertThat(converted(RowType.RANKING, rows))
                .containsExactly(
                        "{'prompt':'p','completions':['x','x'],'ranks':[1,1]}",
                        "{'prompt':'p','completions':['x','y'],'ranks':[1,2]}");
    }

    @Test
    void columnsOfMergedRowsComeAlongWhereTheyAgree() throws IOException {
        String row =
                "{'prompt':'p','completion_a':'x','completion_b':'y','preference':'a-is-better','task':'t','by':'%s'}";
        Path data = write("in.jsonl", row.formatted("al"), row.formatted("bo"));
        Conversion conversion =
                new Conversion(RowType.RANKING, PairChoice.ALL, Optional.empty(), false, Set.of("task", "by", "tsk"));
        assertThat(rows(convert(data, "out.jsonl", conversion, Merging.Scope.ANSWERS)))
                .containsExactly("{'prompt':'p','completions':['x','y'],'ranks':[1,2],'task':'t'}");
        assertThat(messages)
                .contains(
                        "2 judgements were merged into 1 ranking",
                        "columns left out, in which judgements of one ranking differ: by",
                        "columns to keep that no row has: tsk");
    }

    @Test
    void aColumnIsLeftOutForOneReason() throws IOException {
        String row = "{'prompt':'%s','completion_a':'x','completion_b':'y','preference':'tie','by':'%s','id':1}";
        Path data = write("in.jsonl", row.formatted("p", "al"), row.formatted("p", "bo"), row.formatted("q", "al"));
        Conversion conversion = new Conversion(RowType.RANKING, PairChoice.ALL, Optional.empty(), false, Set.of());
        convert(data, "out.jsonl", conversion, Merging.Scope.PROMPT);
        assertThat(messages)
                .contains(
                        "columns left out, in which judgements of one ranking differ: by",
                        "columns left out (--keep-columns takes them along): id");
    }

    @Test
    void shareGptSaysWhoBeforeWhat() throws IOException {
        assertThat(converted(
                        RowType.SHAREGPT,
                        "{'messages':[{'content':'hi','name':'n','role':'user'},{'content':'yo','role':'assistant'}]}"))
                .containsExactly(
                        "{'conversations':[{'from':'human','value':'hi','name':'n'},{'from':'gpt','value':'yo'}]}");
    }

    @Test
    void columnsComeAlongWhenAskedAndToolsAlways() throws IOException {
        Path data = write(
                "in.jsonl",
                "{'prompt':[{'role':'user','content':'hi'}],'completion':'yo','tools':[{'name':'f'}],'id':7,'x':'y'}");
        for (Set<String> keep : List.of(Set.of("id"), Set.of("all"))) {
            Conversion conversion = new Conversion(RowType.PROMPT_ONLY, PairChoice.ALL, Optional.empty(), false, keep);
            assertThat(rows(convert(data, "out.jsonl", conversion, Merging.Scope.NONE)))
                    .containsExactly("{'prompt':[{'role':'user','content':'hi'}],'tools':[{'name':'f'}],'id':7"
                            + (keep.contains("all") ? ",'x':'y'}" : "}"));
        }
    }

    @Test
    void aTemplateWritesConversationsOut() throws IOException {
        ChatTemplate template = ChatTemplate.of(
                "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
                        + "{% if add_generation_prompt %}<assistant>{% endif %}",
                Map.of(), "test");
        Path conversation = write(
                "messages.jsonl", "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]}");
        Conversion alpaca =
                new Conversion(RowType.ALPACA, PairChoice.ALL, Optional.of(Chats.of(() -> template)), false, Set.of());
        assertThat(rows(convert(conversation, "out.jsonl", alpaca, Merging.Scope.NONE)))
                .containsExactly("{'instruction':'<user>hi</><assistant>','input':'','output':'yo</>'}");

        Path data = write("in.jsonl", CHAT);
        for (RowType to : List.of(RowType.PREFERENCE, RowType.LANGUAGE_MODELING, RowType.PROMPT_ONLY)) {
            Conversion conversion =
                    new Conversion(to, PairChoice.ALL, Optional.of(Chats.of(() -> template)), false, Set.of());
            assertThat(rows(convert(data, "out.jsonl", conversion, Merging.Scope.NONE)))
                    .containsExactly(
                            switch (to) {
                                case PREFERENCE ->
                                    "{'prompt':'<user>hi</><assistant>','chosen':'yo</>','rejected':'no</>'}";
                                case LANGUAGE_MODELING -> "{'text':'<user>hi</><assistant>yo</>'}";
                                default -> "{'prompt':'<user>hi</><assistant>'}";
                            });
        }
    }

    /** Rows that lose nothing on a way to another type and back. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "PREFERENCE | RANKING | {'prompt':'p','chosen':' c','rejected':' r'}",
                "PREFERENCE | IMPLICIT_PREFERENCE | {'prompt':'p','chosen':' c','rejected':' r','margin':1.5}",
                "PREFERENCE | SHAREGPT | {'prompt':[{'role':'user','content':'hi'}],'chosen':[{'role':'assistant','content':'yo'}],'rejected':[{'role':'assistant','content':'no'}]}",
                "PREFERENCE | SCORED_RANKING | {'prompt':'p','chosen':'c','rejected':'r','score_chosen':2.5,'score_rejected':1.0}",
                "PREFERENCE | ALPACA | {'prompt':'p','chosen':'c','rejected':'r','score_chosen':2.5,'score_rejected':1.0}",
                "MESSAGES | SHAREGPT | {'messages':[{'role':'system','content':'s'},{'role':'user','content':'hi'},{'role':'assistant','content':'yo'},{'role':'tool','content':'t'}]}",
                "MESSAGES | PROMPT_COMPLETION | {'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}]}",
                "PROMPT_COMPLETION | ALPACA | {'prompt':'p','completion':'c'}",
                "UNPAIRED_PREFERENCE | SHAREGPT | {'prompt':[{'role':'user','content':'hi'}],'completion':[{'role':'assistant','content':'yo'}],'label':false}",
                "UNPAIRED_PREFERENCE | ALPACA | {'prompt':'p','completion':'c','label':true}",
            })
    void thereAndBackAgain(RowType type, RowType other, String row) throws IOException {
        Path there = convert(write("in.jsonl", row), other, "there.jsonl");
        assertThat(rows(convert(there, type, "back.jsonl"))).containsExactly(row);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "t.jsonl",
                "t.json",
                "t.csv",
                "t.tsv",
                "t.parquet",
                "t.jsonl.gz",
                "t.json.zst",
                "t.csv.gz",
                "t.tsv.zst"
            })
    void everyFormatKeepsEveryRow(String name) throws IOException {
        String[] rows = {
            CHAT.replace("}]}", "}],'score_chosen':2.5,'score_rejected':1.0}"),
            "{'prompt':'a, b\\t\\'c\\'\\nd','chosen':'2024-01-31','rejected':'007','score_chosen':-1.0,'score_rejected':1.0E-7}"
                    .replace("\\'", "´"),
        };
        boolean oneColumn = !name.contains("parquet"); // which cannot hold text and messages in one
        String[] given = oneColumn ? rows : new String[] {rows[0]};
        Path data = write("in.jsonl", given);
        assertThat(rows(convert(convert(data, RowType.PREFERENCE, name), RowType.PREFERENCE, "back.jsonl")))
                .containsExactly(given);
        Path texts = write("in.jsonl", rows[1]);
        assertThat(rows(convert(convert(texts, RowType.PREFERENCE, name), RowType.PREFERENCE, "back.jsonl")))
                .containsExactly(rows[1]);
    }

    @ParameterizedTest
    @EnumSource(
            value = RowType.class,
            names = {"RANKING", "SCORED_RANKING", "UNPAIRED_PREFERENCE", "MESSAGES", "SHAREGPT", "ALPACA"})
    void tablesHoldEveryType(RowType to) throws IOException {
        Path data = write("in.jsonl", "{'prompt':'p','completions':['a','b'],'scores':[2,1.5]}");
        List<String> plain = rows(convert(data, to, "plain.jsonl"));
        for (String name : List.of("t.csv", "t.parquet")) {
            Path table = convert(data, to, name);
            assertThat(rows(convert(table, to, "back.jsonl"))).isEqualTo(plain);
        }
    }

    @Test
    void aColumnOfTextsAndListsIsNoColumnOfParquet() throws IOException {
        Path data = write("in.jsonl", CHAT, "{'prompt':'p','chosen':'c','rejected':'r'}");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> convert(data, RowType.PREFERENCE, "t.parquet"))
                .withMessage(
                        "rows 1 and 2 of the output: `prompt` is a list in one row and text in another, which one column"
                                + " of Parquet cannot hold; write texts as messages too (--conversational) or messages as text"
                                + " (--render), or name a .jsonl");
        Conversion conversational =
                new Conversion(RowType.PREFERENCE, PairChoice.ALL, Optional.empty(), true, Set.of());
        Path table = convert(data, "t.parquet", conversational, Merging.Scope.NONE);
        assertThat(rows(convert(table, RowType.PREFERENCE, "back.jsonl")))
                .containsExactly(
                        CHAT, CHAT.replace("'hi'", "'p'").replace("'yo'", "'c'").replace("'no'", "'r'"));
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> RowFormat.of(Path.of("rows.txt")))
                .withMessageStartingWith("rows.txt: the name says no format, expected .jsonl, .json, .csv or .tsv");
    }
}
