package org.align4j.objective;

import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;

/**
 * Which pairs of a ranking count, and how their log-probabilities are summed. A pair of two is the one pair it has, under
 * every rule.
 *
 * @param which pairs of different tiers
 * @param ldAlpha weight of the tokens of a completion beyond the length of the shorter one: length-desensitised DPO (Liu
 *     et al. 2024, *Length Desensitization in Direct Preference Optimization*); 1 is the plain sum
 */
public record PairRule(Which which, double ldAlpha) {

    /** Pairs of a ranking. */
    public enum Which {
        /** Every better with every worse completion. */
        ALL,
        /** Each tier with the next. */
        ADJACENT,
        /** The best tier with all others. */
        BEST_REST,
        /** The best tier with the worst. */
        BEST_WORST
    }

    public static final PairRule PLAIN = new PairRule(Which.ALL, 1);

    public PairRule {
        if (!(ldAlpha >= 0 && ldAlpha <= 1)) {
            throw AlignException.usage("ld_alpha is " + ldAlpha + ", expected 0 to 1");
        }
    }

    /** Whether it looks at single tokens. */
    public boolean needsTokens() {
        return ldAlpha != 1;
    }

    /**
     * The pairs of an example.
     *
     * @param ties also the tied pairs, where the rule is all or adjacent
     */
    public List<Pair> pairs(List<Completion> example, boolean ties) {
        int worst = example.stream().mapToInt(Completion::tier).max().orElseThrow();
        int best = example.stream().mapToInt(Completion::tier).min().orElseThrow();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < example.size(); i++) {
            for (int j = 0; j < example.size(); j++) {
                int a = example.get(i).tier();
                int b = example.get(j).tier();
                boolean counts = a < b
                        && switch (which) {
                            case ALL -> true;
                            case ADJACENT -> b == next(example, a);
                            case BEST_REST -> a == best;
                            case BEST_WORST -> a == best && b == worst;
                        };
                boolean tied = ties && a == b && i < j && (which == Which.ALL || which == Which.ADJACENT);
                if (counts || tied) {
                    pairs.add(pair(example, i, j));
                }
            }
        }
        return pairs;
    }

    private static int next(List<Completion> example, int tier) {
        int next = Integer.MAX_VALUE;
        for (Completion each : example) {
            next = each.tier() > tier ? Math.min(next, each.tier()) : next;
        }
        return next;
    }

    private Pair pair(List<Completion> example, int i, int j) {
        Completion w = example.get(i);
        Completion l = example.get(j);
        boolean plain = !needsTokens();
        int shared = Math.min(w.length(), l.length());
        return new Pair(
                i,
                j,
                plain ? w.logp() : Completion.cut(w.tokenLogps(), shared, ldAlpha),
                plain ? l.logp() : Completion.cut(l.tokenLogps(), shared, ldAlpha),
                plain ? w.referenceLogp() : reference(w, shared),
                plain ? l.referenceLogp() : reference(l, shared),
                w.length(),
                l.length(),
                w.score() - l.score(),
                w.tier() == l.tier());
    }

    private double reference(Completion completion, int shared) {
        return completion.referenceTokenLogps() == null
                ? completion.referenceLogp()
                : Completion.cut(completion.referenceTokenLogps(), shared, ldAlpha);
    }

    /** Adds a pair's slopes, times a factor, to those of a batch; {@code first} is its example's first completion. */
    void addSlopes(Gradient gradient, int first, Pair pair, double chosenSlope, double rejectedSlope) {
        if (!needsTokens()) {
            gradient.add(first + pair.chosen(), chosenSlope);
            gradient.add(first + pair.rejected(), rejectedSlope);
            return;
        }
        int shared = Math.min(pair.chosenLength(), pair.rejectedLength());
        gradient.addCut(first + pair.chosen(), chosenSlope, shared, pair.chosenLength(), ldAlpha);
        gradient.addCut(first + pair.rejected(), rejectedSlope, shared, pair.rejectedLength(), ldAlpha);
    }
}
