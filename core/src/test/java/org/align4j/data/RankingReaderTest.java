package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.data.BadRows.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rows say. How files are cut into rows is in {@link JsonRowsTest}. */
class RankingReaderTest {
    private static final String GOOD = "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}";

    @TempDir
    private Path folder;

    private Path write(String... lines) throws IOException {
        return Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", lines));
    }

    private List<Ranking> read(String... lines) throws IOException {
        return RankingReader.readAll(write(lines), OnBadRow.FAIL).rows();
    }

    private static List<String> texts(Ranking ranking) {
        return ranking.completions().stream().map(Ranking.Completion::text).toList();
    }

    private static List<Integer> tiers(Ranking ranking) {
        return ranking.completions().stream().map(Ranking.Completion::tier).toList();
    }

    @Test
    void readsPairsWithTheirSource() throws IOException {
        Path file = write(GOOD, "", "{\"chosen\": \" yes\", \"id\": 7, \"rejected\": \" no\", \"prompt\": \"So?\"}");
        assertThat(RankingReader.readAll(file, OnBadRow.FAIL).rows())
                .containsExactly(
                        Ranking.pair("p", "c", "r", new Source(file.toString(), 1)),
                        Ranking.pair("So?", " yes", " no", new Source(file.toString(), 3)));
    }

    @Test
    void findsAnImplicitPromptAlsoWhereTheColumnIsNull() throws IOException {
        List<Ranking> rows = read(
                "{\"chosen\": \"Q: 2+2? A: 4\", \"rejected\": \"Q: 2+2? A: 5\"}",
                "{\"prompt\": null, \"chosen\": \"ab\", \"rejected\": \"ac\"}");
        assertThat(rows.get(0).prompt()).isEqualTo("Q: 2+2? A:");
        assertThat(texts(rows.get(0))).containsExactly(" 4", " 5");
        assertThat(rows.get(1).prompt()).isEqualTo("a");
        assertThat(texts(rows.get(1))).containsExactly("b", "c");
    }

    @Test
    void ranksAreLowerIsBetterAndBecomeTiersWithoutGaps() throws IOException {
        Ranking row =
                read("{\"prompt\": \"p\", \"completions\": [\"a\", \"b\", \"c\", \"d\"], \"ranks\": [7, 1, 7, 3]}")
                        .get(0);
        assertThat(texts(row)).containsExactly("a", "b", "c", "d");
        assertThat(tiers(row)).containsExactly(2, 0, 2, 1);
    }

    @Test
    void scoresAreHigherIsBetter() throws IOException {
        Ranking row =
                read("{\"prompt\": \"\", \"completions\": [\"a\", \"b\", \"c\", \"d\"], \"scores\": [-1, 0.5, 0, -0.0]}")
                        .get(0);
        assertThat(row.prompt()).isEmpty();
        assertThat(tiers(row)).containsExactly(2, 0, 1, 1);
    }

    @Test
    void oneFileMayMixSchemas() throws IOException {
        List<Ranking> rows = read(
                GOOD,
                "{\"chosen\": \"x y\", \"rejected\": \"x z\"}",
                "{\"prompt\": \"p\", \"completions\": [\"same\", \"same\", \"b\"], \"ranks\": [2, 2, 1]}");
        assertThat(rows).extracting(Ranking::prompt).containsExactly("p", "x", "p");
        assertThat(tiers(rows.get(2))).containsExactly(1, 1, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'prompt':'p','chosen':'c'}                    | MISSING_FIELD | field `rejected` is missing, found: prompt, chosen; rename or add the column",
                "{'prompt':'p','chosen':'c','rejected':null}    | MISSING_FIELD | `rejected` is null, expected a value",
                "{'prompt':'p','completion':'c','label':true}   | MISSING_FIELD | found the fields prompt, completion, label, expected `chosen` and `rejected`, or `prompt` and `completions` with `ranks` or `scores`; these are labelled completions, of which data convert makes what they can become",
                "{'question':'p','answer':'c'}                  | MISSING_FIELD | found the fields question, answer, expected `chosen` and `rejected`, or `prompt` and `completions` with `ranks` or `scores`; rename the columns",
                "{}                                             | MISSING_FIELD | found the fields none, expected `chosen` and `rejected`, or `prompt` and `completions` with `ranks` or `scores`; rename the columns",
                "{'completions':['a','b'],'ranks':[1,2]}        | MISSING_FIELD | field `prompt` is missing, found: completions, ranks; rename or add the column",
                "{'prompt':'p','completions':['a','b']}         | MISSING_FIELD | `completions` comes with neither of `ranks` and `scores`, expected one of them",
                "{'prompt':'p','completions':['a','b'],'ranks':[1,2],'scores':[1,2]} | MISSING_FIELD | `completions` comes with both `ranks` and `scores`, expected one of them",
                "{'prompt':1,'chosen':'c','rejected':'r'}       | WRONG_TYPE | `prompt` is 1, expected text",
                "{'prompt':'p','completions':'a','ranks':[1]}   | WRONG_TYPE | `completions` is the text \"a\", expected a list",
                "{'prompt':'p','completions':['a',null],'ranks':[1,2]} | WRONG_TYPE | `completions[1]` is null, expected text",
                "{'prompt':'p','completions':['a','b'],'ranks':[1,1.5]} | WRONG_TYPE | `ranks[1]` is 1.5, expected a whole number",
                "{'prompt':'p','completions':['a','b'],'scores':[1,true]} | WRONG_TYPE | `scores[1]` is true, expected a number",
                "{'chosen':[{'role':'user','content':'hi'}],'rejected':[]} | EMPTY_COMPLETION | `rejected` has no messages, expected at least one",
                "{'prompt':[],'chosen':'c','rejected':'r'}      | CONVERSATION | `prompt` is a list (of messages?), expected plain text, as the other columns of this row have it",
                "{'prompt':'p','completions':[{'content':'a'},'b'],'ranks':[1,2]} | CONVERSATION | `completions[0]` is an object (a message?), expected plain text, as the other columns of this row have it",
                "{'prompt':'p','chosen':'c','rejected':''}      | EMPTY_COMPLETION | `rejected` is empty, expected at least one character",
                "{'prompt':'p','completions':['','b'],'ranks':[1,2]} | EMPTY_COMPLETION | `completions[0]` is empty, expected at least one character",
                "{'prompt':'p','chosen':'c','rejected':'c'}     | IDENTICAL_COMPLETIONS | `chosen` and `rejected` are the same text, expected a preference between two",
                "{'prompt':'p','completions':['a','b','a'],'ranks':[1,2,3]} | IDENTICAL_COMPLETIONS | `completions[0]` and `completions[2]` are the same text, expected a preference between two",
                "{'prompt':'p','completions':['a'],'ranks':[1]} | TOO_FEW_COMPLETIONS | `completions` has 1, expected at least 2",
                "{'prompt':'p','completions':['a','b'],'ranks':[1,2,3]} | LENGTHS_DIFFER | `ranks` has 3 values for 2 completions, expected one each",
                "{'prompt':'p','completions':['a','b'],'scores':[3,3.0]} | ALL_TIED | all completions are tied, expected at least one that is better than another",
                "{'prompt':'p','completions':['a','b'],'scores':[3,NaN]} | NOT_FINITE | `scores[1]` is NaN, expected a finite number",
                "{'prompt':'p','completions':['a','b'],'scores':[1e999,3]} | NOT_FINITE | `scores[0]` is Infinity, expected a finite number",
                "{'prompt':'p','chosen':'c\\ud83d','rejected':'r'} | MALFORMED_TEXT | `chosen` has half a surrogate pair (\\ud83d) at character 2, which is no text; write the file again",
                "{'prompt':'p','chosen':'c','rejected':'r','chosen':'x'} | DUPLICATE_FIELD | Duplicate Object property \"chosen\", expected each field once",
                "['p','c','r']                                  | NOT_AN_OBJECT | found a list, expected a JSON object such as {\"prompt\": …, \"chosen\": …, \"rejected\": …}",
                "null                                           | NOT_AN_OBJECT | found null, expected a JSON object such as {\"prompt\": …, \"chosen\": …, \"rejected\": …}",
            })
    void aBadRowIsAnErrorOrSkippedWithTheSameWords(String row, Reason reason, String message) throws IOException {
        Path file = write(GOOD, row.replace('\'', '"'));
        String expected = file + ":2: " + message;

        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> RankingReader.readAll(file, OnBadRow.FAIL))
                .withMessage(expected + "; correct the row, or skip bad rows (on_bad_row: skip)")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(AlignException.Kind.BAD_INPUT));

        Rows<Ranking> rows = RankingReader.readAll(file, OnBadRow.SKIP);
        assertThat(rows.rows()).containsExactly(Ranking.pair("p", "c", "r", new Source(file.toString(), 1)));
        assertThat(rows.bad().groups()).containsExactly(new BadRows.Group(reason, 1, expected));
    }

    @Test
    void skippedRowsAreCountedByReasonWithTheFirstExample() throws IOException {
        String tied = "{\"prompt\": \"p\", \"completions\": [\"a\", \"b\"], \"ranks\": [1, 1]}";
        Path file = write(tied, GOOD, "{\"chosen\": \"a\", \"rejected\": \"\"}", tied, GOOD);
        Rows<Ranking> rows = RankingReader.readAll(file, OnBadRow.SKIP);
        assertThat(rows.rows()).hasSize(2);
        assertThat(rows.bad().total()).isEqualTo(3);
        assertThat(rows.bad().summary())
                .containsExactly(
                        "1 row skipped (an empty completion), the first: " + file
                                + ":3: `rejected` is empty, expected at least one character",
                        "2 rows skipped (all completions tied, nothing is preferred), the first: " + file
                                + ":1: all completions are tied, expected at least one that is better than another");
    }

    @Test
    void columnsThatAreNotReadMayHoldAnything() throws IOException {
        assertThat(read("{\"chosen\": \"ab\", \"score\": NaN, \"messages\": [{}], \"rejected\": \"ac\", \"x\": null}"))
                .hasSize(1);
    }
}
