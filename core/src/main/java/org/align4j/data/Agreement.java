package org.align4j.data;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.Words;
import org.align4j.data.Example.Answer;

/**
 * How far people who judged the same answers agree. A judgement of two answers is +1, −1, or 0 for a tie; the same two
 * answers to the same prompt are the same wherever and in whatever order they stand. Only hashes are kept.
 *
 * <p>Krippendorff's alpha (2011, *Computing Krippendorff's Alpha-Reliability*) with the interval metric (v − w)²:
 * 1 − D_o / D_e, where D_o is the mean square difference of two judgements of the same pair and D_e that of any two. Which
 * of two answers comes first is chance, so every judgement counts in both orders: with n judgements v,
 * D_e = 4 Σv² / (2n − 1).
 */
public final class Agreement {
    /** Judgements of one pair: how many there are of −1, 0 and +1. */
    private static final class Votes {
        private long less;
        private long tied;
        private long more;

        private void add(int vote) {
            less += vote < 0 ? 1 : 0;
            tied += vote == 0 ? 1 : 0;
            more += vote > 0 ? 1 : 0;
        }

        private long all() {
            return less + tied + more;
        }
    }

    /**
     * What was found.
     *
     * @param pairs pairs of answers that were judged more than once
     * @param judgements of these
     * @param same of all two judgements of the same pair, the share that is the same
     * @param opposite the share that prefers one answer in one and the other in the other; the rest has a tie in one
     * @param alpha Krippendorff's; NaN where all judgements are ties
     */
    public record Found(long pairs, long judgements, double same, double opposite, double alpha) {
        @Override
        public String toString() {
            String text = String.format(
                    Locale.ROOT,
                    "%s judged more than once, %,d times in all: of two judgements %.0f %% agree, %.0f %%"
                            + " are opposite, in the others one is a tie",
                    Words.count(pairs, "pair of answers was", "pairs of answers were"),
                    judgements,
                    100 * same,
                    100 * opposite);
            return Double.isNaN(alpha)
                    ? text
                    : text
                            + String.format(
                                    Locale.ROOT, "; Krippendorff's alpha of better, tied and worse is %.2f", alpha);
        }
    }

    /** Pairs that were judged once, with the judgement + 1 in the two lowest bits; most are never judged again. */
    private final LongSet once = new LongSet();
    /** Those that were judged more often, without these bits. */
    private final Map<Long, Votes> often = new HashMap<>();

    /** Adds a row; one that ranks nothing adds nothing. */
    public void add(Example example) {
        if (example.kind() != Example.Kind.RANKING) {
            return;
        }
        List<Answer> answers = example.answers();
        for (int i = 0; i < answers.size(); i++) {
            for (int j = i + 1; j < answers.size(); j++) {
                long a = Hashes.of(answers.get(i).content());
                long b = Hashes.of(answers.get(j).content());
                if (a == b) {
                    continue;
                }
                long key = Hashes.of(Hashes.of(example.prompt()), Math.min(a, b), Math.max(a, b));
                int firstIsBetter =
                        Integer.compare(answers.get(j).tier(), answers.get(i).tier());
                int vote = a < b ? firstIsBetter : -firstIsBetter;
                vote(key & ~3, vote);
            }
        }
    }

    private void vote(long pair, int vote) {
        Votes votes = often.get(pair);
        for (int first = -1; first <= 1 && votes == null; first++) {
            if (once.contains(pair | first + 1)) {
                votes = new Votes();
                votes.add(first);
                often.put(pair, votes);
            }
        }
        if (votes == null) {
            once.add(pair | vote + 1);
        } else {
            votes.add(vote);
        }
    }

    /** Nothing where no two answers were judged twice. */
    public Optional<Found> found() {
        long pairs = 0;
        long judgements = 0;
        double twos = 0;
        double same = 0;
        double opposite = 0;
        double observed = 0;
        double squares = 0;
        for (Votes each : often.values()) {
            long n = each.all();
            pairs++;
            judgements += n;
            twos += n * (n - 1) / 2.0;
            for (long count : new long[] {each.less, each.tied, each.more}) {
                same += count * (count - 1) / 2.0;
            }
            opposite += each.less * each.more;
            long sum = each.more - each.less;
            long sumOfSquares = each.more + each.less;
            observed += 2.0 * (n * sumOfSquares - sum * sum) / (n - 1);
            squares += sumOfSquares;
        }
        if (pairs == 0) {
            return Optional.empty();
        }
        double expected = 4 * squares / (2.0 * judgements - 1);
        double alpha = squares == 0 ? Double.NaN : 1 - observed / judgements / expected;
        return Optional.of(new Found(pairs, judgements, same / twos, opposite / twos, alpha));
    }
}
