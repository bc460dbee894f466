package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.align4j.data.Example.Answer;
import org.junit.jupiter.api.Test;

/** Agreement of judges and what becomes of their judgements, worked by hand. */
class AgreementTest {
    private static Example judged(String prompt, String a, String b, String preference) {
        return ExamplesTest.read("{'prompt':'%s','completion_a':'%s','completion_b':'%s','preference':'%s'}"
                .formatted(prompt, a, b, preference));
    }

    @Test
    void judgementsOfTheSamePairAreCompared() {
        Agreement agreement = new Agreement();
        agreement.add(judged("p", "x", "y", "a-is-better"));
        agreement.add(judged("p", "y", "x", "b-is-slightly-better")); // says the same with the sides swapped
        agreement.add(judged("p", "x", "y", "tie"));
        agreement.add(judged("q", "x", "y", "a-is-better"));
        agreement.add(judged("q", "x", "y", "b-is-better"));
        agreement.add(judged("alone", "x", "y", "a-is-better"));
        agreement.add(judged("same", "x", "x", "tie"));

        Agreement.Found found = agreement.found().orElseThrow();
        assertThat(found.pairs()).isEqualTo(2);
        assertThat(found.judgements()).isEqualTo(5);
        // Twos of p: same, tie, tie; of q: opposite.
        assertThat(found.same()).isEqualTo(1 / 4.0);
        assertThat(found.opposite()).isEqualTo(1 / 4.0);
        // p: 1, 1, 0, the sum over ordered twos of squared differences is 4, over n − 1 = 2: 2. q: 1, −1: 8 over 1: 8.
        // D_o = (2 + 8) / 5. All in both orders: ten values, eight of them ±1: D_e = 4 · 4 / (10 − 1).
        assertThat(found.alpha()).isCloseTo(1 - 2 / (16 / 9.0), within(1e-12));
    }

    @Test
    void withNobodyTwiceThereIsNothingToCompare() {
        Agreement agreement = new Agreement();
        agreement.add(judged("p", "x", "y", "a-is-better"));
        assertThat(agreement.found()).isEmpty();
        agreement.add(judged("p", "x", "y", "a-is-better"));
        assertThat(agreement.found().orElseThrow().alpha()).isEqualTo(1);
    }

    @Test
    void theSameAnswersBecomeOneRowWithTheMeanGrade() {
        Merging merging = new Merging(Merging.Scope.ANSWERS);
        merging.add(judged("p", "x", "y", "a-is-better"));
        merging.add(judged("p", "y", "x", "a-is-slightly-better"));
        merging.add(judged("p", "x", "z", "tie"));
        List<Example> merged = merging.merged();
        assertThat(merged).hasSize(2);
        // x is better by 2, then worse by 1: by 0.5 in the mean.
        assertThat(merged.get(0).answers()).extracting(Answer::score).containsExactly(0.25, -0.25);
        assertThat(merged.get(0).answers()).extracting(Answer::tier).containsExactly(0, 1);
        assertThat(merged.get(1).isTied()).isTrue();
    }

    @Test
    void allAnswersToAPromptBecomeOneRanking() {
        Merging merging = new Merging(Merging.Scope.PROMPT);
        merging.add(judged("p", "x", "y", "a-is-better"));
        merging.add(judged("p", "y", "z", "a-is-slightly-better"));
        merging.add(judged("p", "z", "x", "tie"));
        Example ranking = merging.merged().get(0);
        // x: (2 + 0) / 2, y: (−2 + 1) / 2, z: (−1 + 0) / 2; half of that.
        assertThat(ranking.answers()).extracting(Answer::score).containsExactly(0.5, -0.25, -0.25);
        assertThat(ranking.answers()).extracting(Answer::tier).containsExactly(0, 1, 1);
    }

    @Test
    void judgementsOfATextAgainstItselfBecomeOneTie() {
        for (Merging.Scope scope : List.of(Merging.Scope.ANSWERS, Merging.Scope.PROMPT)) {
            Merging merging = new Merging(scope);
            merging.add(judged("p", "x", "x", "tie"));
            merging.add(judged("p", "x", "x", "a-is-better"));
            List<Example> merged = merging.merged();
            assertThat(merged).hasSize(1);
            assertThat(merged.get(0).answers())
                    .extracting(Answer::content, Answer::tier)
                    .containsExactly(tuple(new Content.Text("x"), 0), tuple(new Content.Text("x"), 0));
        }
    }

    @Test
    void withoutGradesTheMajorityDecides() {
        Merging merging = new Merging(Merging.Scope.ANSWERS);
        String row = "{'prompt':'p','response_a':'x','response_b':'y','winner':'%s'}";
        for (String winner : List.of("model_a", "model_b", "model_b")) {
            merging.add(ExamplesTest.read(row.formatted(winner)));
        }
        assertThat(merging.merged().get(0).answers()).extracting(Answer::tier).containsExactly(1, 0);
    }
}
