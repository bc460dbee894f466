package org.align4j.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReviewWorldTest {
    private final ReviewWorld world = new ReviewWorld();

    @Test
    void rewardsAreTheMeanOverClauses() {
        assertThat(world.reward(" was good")).isEqualTo(1);
        assertThat(world.reward(" was really good")).isEqualTo(2);
        assertThat(world.reward(" was somewhat terrible")).isEqualTo(-1);
        // (2 · 2 − 0.5) / 2
        assertThat(world.reward(" was very wonderful but the waiter seemed slow"))
                .isEqualTo(1.75);
    }

    @Test
    void whatIsNoSentenceIsNonsense() {
        for (String text : new String[] {
            "",
            " was",
            " was good .",
            " was really",
            " was good good",
            " good",
            " was good and",
            " was good and the the was bad",
            " was good and the soup"
        }) {
            assertThat(world.reward(text)).as(text).isEqualTo(ReviewWorld.NONSENSE);
        }
    }

    @Test
    void everythingTheWritersWriteIsASentenceOfTheVocabulary() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            String text = world.write(random);
            assertThat(world.reward(text)).as(text).isGreaterThan(ReviewWorld.NONSENSE);
            assertThat(world.vocabulary()).contains(text.strip().split(" "));
        }
    }

    @Test
    void theEntropyIsTheMeanInformationOfWhatIsWritten() {
        // −log p(review) by hand: the noun 1/12; each clause 1/3 · (½ without adverb, ½ · ¼ with) · 1/9; then 0.7 to
        // stop
        // or 0.3 · ½ · 1/12 to go on.
        SplittableRandom random = new SplittableRandom(2);
        int count = 200_000;
        double sum = 0;
        for (int i = 0; i < count; i++) {
            double information = Math.log(12) - Math.log(0.7);
            String[] clauses = world.write(random).split(" and | but ");
            for (String clause : clauses) {
                boolean adverb = clause.matches(".*\\b(really|very|somewhat|rather)\\b.*");
                information += Math.log(3) + Math.log(9) + (adverb ? Math.log(8) : Math.log(2));
            }
            information += (clauses.length - 1) * (Math.log(2) + Math.log(12) - Math.log(0.3));
            sum += information;
        }
        assertThat(sum / count).isCloseTo(world.entropy(), within(0.05));
    }

    @Test
    void meanWordsIsTheMeanOfWords() {
        SplittableRandom random = new SplittableRandom(5);
        long words = 0;
        for (int i = 0; i < 100_000; i++) {
            words += ("the soup" + world.write(random)).split(" ").length;
        }
        // 2 of the prompt, 10/7 clauses of 2.5 words, 3/7 links of 3: 48/7.
        assertThat(world.meanWords()).isCloseTo(48 / 7.0, within(1e-12));
        assertThat(words / 1e5).isCloseTo(world.meanWords(), within(0.03));
    }

    @Test
    void theReaderFollowsBradleyAndTerry() {
        SplittableRandom random = new SplittableRandom(3);
        int first = 0;
        for (int i = 0; i < 20_000; i++) {
            first += world.prefers(" was good", " was plain", random) ? 1 : 0;
        }
        assertThat(first / 20_000.0).isCloseTo(1 / (1 + Math.exp(-1)), within(0.015)); // σ(1) = 0.731
    }
}
