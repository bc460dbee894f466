package org.align4j.data;

import java.util.List;
import org.align4j.data.Example.Answer;

/** Which pairs of a ranking become preferences. */
public enum PairChoice {
    /** Every better with every worse completion. */
    ALL,
    /** Each place with the next. */
    ADJACENT,
    /** The best with all others. */
    BEST_REST,
    /** The best with the worst. */
    BEST_WORST;

    /** Places have no gaps and the best is 0. */
    boolean takes(List<Answer> answers, int better, int worse) {
        int last = answers.stream().mapToInt(Answer::tier).max().orElseThrow();
        return switch (this) {
            case ALL -> true;
            case ADJACENT -> worse == better + 1;
            case BEST_REST -> better == 0;
            case BEST_WORST -> better == 0 && worse == last;
        };
    }
}
