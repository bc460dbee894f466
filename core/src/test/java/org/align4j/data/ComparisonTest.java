package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.data.Example.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
    private static List<Answer> answers(String row) {
        return ExamplesTest.read(row).answers();
    }

    @ParameterizedTest
    @CsvSource({
        "a-is-better, 0, 1, 2, 0",
        "a-is-slightly-better, 0, 1, 1, 0",
        "a-is-clearly-better, 0, 1, 3, 0",
        "b-is-better, 1, 0, 0, 2",
        "B-is-slightly-better, 1, 0, 0, 1",
        "tie, 0, 0, 0, 0",
    })
    void aGradeIsTheMargin(String preference, int tierA, int tierB, double scoreA, double scoreB) {
        Example row = ExamplesTest.read(
                "{'prompt':'p','completion_a':'a','completion_b':'b','completion_a_is_acceptable':'yes',"
                        + "'completion_b_is_acceptable':'no','preference':'" + preference + "','evaluator':'x'}");
        assertThat(row.form()).isEqualTo("prompt, completion_a, completion_b, preference");
        assertThat(row.answers()).extracting(Answer::tier).containsExactly(tierA, tierB);
        assertThat(row.answers()).extracting(Answer::score).containsExactly(scoreA, scoreB);
        assertThat(row.answers()).extracting(Answer::good).containsExactly(true, false);
    }

    @ParameterizedTest
    @CsvSource({
        "model_a, 0, 1",
        "model_b, 1, 0",
        "tie, 0, 0",
        "tie (bothbad), 0, 0",
        "both_bad, 0, 0",
    })
    void anArenaSaysWhoWon(String winner, int tierA, int tierB) {
        Example row = ExamplesTest.read(
                "{'conversation_a':[{'role':'user','content':'hi'},{'role':'assistant','content':'yo'}],"
                        + "'conversation_b':[{'role':'user','content':'hi'},{'role':'assistant','content':'no'}],"
                        + "'winner':'" + winner + "','model_a':'m','model_b':'n','turn':1}");
        assertThat(row.prompt().messages("")).containsExactly(Content.message("user", "hi"));
        assertThat(row.answers()).extracting(Answer::tier).containsExactly(tierA, tierB);
        assertThat(row.answers()).extracting(Answer::score).containsOnly(Double.NaN);
        assertThat(row.answers().get(1).content().messages("")).containsExactly(Content.message("assistant", "no"));
    }

    @Test
    void turnsOfBothSidesBecomeConversations() {
        String rest = "'id':30192,'winner_model_a':0,'winner_model_b':1,'winner_tie':0}";
        List<String> rows = List.of(
                "{'prompt':['hi','and?'],'response_a':['a1','a2'],'response_b':['b1','b2']," + rest,
                // as in CSV
                "{'prompt':'[\\'hi\\',\\'and?\\']','response_a':'[\\'a1\\',\\'a2\\']',"
                        + "'response_b':'[\\'b1\\',\\'b2\\']'," + rest);
        for (String row : rows) {
            Example example = ExamplesTest.read(row);
            assertThat(example.prompt().messages("")).containsExactly(Content.message("user", "hi"));
            List<Map<String, Object>> first = example.answers().get(0).content().messages("");
            assertThat(first)
                    .containsExactly(
                            Content.message("assistant", "a1"),
                            Content.message("user", "and?"),
                            Content.message("assistant", "a2"));
            assertThat(example.answers()).extracting(Answer::tier).containsExactly(1, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1, 0", "2, 1, 0, 0, 1", "1.5, 0, 0, 0, 0", "0, 0, 0, 0, 0", "1.25, 0, 1, 0.5, 0"})
    void alpacaEvalSaysItWithANumber(String preference, int tier1, int tier2, double score1, double score2) {
        List<Answer> answers = answers("{'instruction':'p','output_1':'a','generator_1':'m','output_2':'b',"
                + "'generator_2':'n','annotator':'x','preference':" + preference + "}");
        assertThat(answers).extracting(Answer::tier).containsExactly(tier1, tier2);
        assertThat(answers).extracting(Answer::score).containsExactly(score1, score2);
    }

    @Test
    void aVerdictThatIsNoneIsNamed() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(
                        () -> answers("{'prompt':'p','completion_a':'a','completion_b':'b','preference':'c-is-best'}"))
                .withMessage(
                        "rows:1: `preference` is \"c-is-best\", expected a-is-better, a-is-slightly-better, …, model_a,"
                                + " model_b, tie, or a number from 1 to 2");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> answers("{'prompt':['x'],'response_a':['a','b'],'response_b':['c'],'winner':'tie'}"))
                .withMessage("rows:1: `response_a` has 2 turns and `prompt` 1, expected as many, and at least one");
    }
}
