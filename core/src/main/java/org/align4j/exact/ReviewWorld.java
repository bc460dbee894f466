package org.align4j.exact;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A world of restaurant reviews small enough to know everything about: who writes what how often, and how much a reader
 * likes it. A review is a prompt ("the soup") and a completion ("was really good but the waiter seemed slow").
 *
 * <p>Writers: {@code clause (and|but the noun clause)*} where a clause is {@code verb [adverb] adjective}; each choice has
 * a fixed probability, and opinions are evenly mixed. There is no full stop: every review would have just one, certain to
 * be followed by the end of the text. What all completions share, preferences say nothing of, and a policy is free to
 * lose it.
 *
 * <p>The reader's true reward is the mean over clauses of the adjective's value, doubled after a strong adverb and halved
 * after a weak one; a completion that is no sentence of the grammar gets {@link #NONSENSE}.
 */
public final class ReviewWorld {
    /** Reward of a completion that is not a sentence: lower than that of any sentence. */
    public static final double NONSENSE = -6;

    private static final List<String> NOUNS = List.of(
            "soup", "pizza", "bread", "salad", "fish", "coffee", "waiter", "menu", "music", "garden", "dessert",
            "wine");
    private static final List<String> VERBS = List.of("was", "seemed", "is");
    private static final List<String> STRONG = List.of("really", "very");
    private static final List<String> WEAK = List.of("somewhat", "rather");
    private static final List<String> LINKS = List.of("and", "but");
    private static final Map<String, Double> ADJECTIVES = adjectives();

    private static final double ADVERB = 0.5;
    private static final double ANOTHER_CLAUSE = 0.3;

    private static Map<String, Double> adjectives() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("wonderful", 2.0);
        values.put("great", 1.5);
        values.put("good", 1.0);
        values.put("nice", 0.5);
        values.put("plain", 0.0);
        values.put("slow", -0.5);
        values.put("bad", -1.0);
        values.put("awful", -1.5);
        values.put("terrible", -2.0);
        return values;
    }

    /** Every word there is. */
    public List<String> vocabulary() {
        Set<String> words = new LinkedHashSet<>();
        words.add("the");
        words.addAll(NOUNS);
        words.addAll(VERBS);
        words.addAll(STRONG);
        words.addAll(WEAK);
        words.addAll(ADJECTIVES.keySet());
        words.addAll(LINKS);
        return List.copyOf(words);
    }

    /** All beginnings of reviews. */
    public List<String> prompts() {
        List<String> prompts = new ArrayList<>();
        for (String noun : NOUNS) {
            prompts.add("the " + noun);
        }
        return prompts;
    }

    /** A completion as the writers of this world write it; it begins with a space, as continued text does. */
    public String write(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        writeClause(text, random);
        while (random.nextDouble() < ANOTHER_CLAUSE) {
            text.append(' ').append(pick(LINKS, random)).append(" the ").append(pick(NOUNS, random));
            writeClause(text, random);
        }
        return text.toString();
    }

    private static void writeClause(StringBuilder text, SplittableRandom random) {
        text.append(' ').append(pick(VERBS, random));
        if (random.nextDouble() < ADVERB) {
            text.append(' ').append(pick(random.nextBoolean() ? STRONG : WEAK, random));
        }
        text.append(' ').append(pick(List.copyOf(ADJECTIVES.keySet()), random));
    }

    /**
     * The entropy of a whole review, prompt included, nats: what a perfect model of this world needs on average. Every
     * choice is independent, so it is a sum over them.
     */
    public double entropy() {
        double verb = Math.log(VERBS.size());
        double adverb = binaryEntropy(ADVERB) + ADVERB * Math.log(STRONG.size() + WEAK.size());
        double clause = verb + adverb + Math.log(ADJECTIVES.size());
        double link = Math.log(LINKS.size()) + Math.log(NOUNS.size());
        double clauses = 1 / (1 - ANOTHER_CLAUSE); // on average
        return Math.log(NOUNS.size()) + clauses * (clause + binaryEntropy(ANOTHER_CLAUSE)) + (clauses - 1) * link;
    }

    /** Words of a whole review, prompt included, on average. */
    public double meanWords() {
        double clauses = 1 / (1 - ANOTHER_CLAUSE);
        return 2 + clauses * (2 + ADVERB) + (clauses - 1) * 3;
    }

    private static double binaryEntropy(double p) {
        return -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    }

    private static String pick(List<String> words, SplittableRandom random) {
        return words.get(random.nextInt(words.size()));
    }

    /** What the reader truly thinks of a completion; differences are log-odds of preference: see {@link #prefers}. */
    public double reward(String completion) {
        String[] words = completion.strip().split("\\s+");
        double sum = 0;
        int clauses = 0;
        int at = 0;
        while (at < words.length && VERBS.contains(words[at])) {
            at++;
            double factor = 1;
            if (at < words.length && STRONG.contains(words[at])) {
                factor = 2;
                at++;
            } else if (at < words.length && WEAK.contains(words[at])) {
                factor = 0.5;
                at++;
            }
            if (at == words.length || !ADJECTIVES.containsKey(words[at])) {
                return NONSENSE;
            }
            sum += factor * ADJECTIVES.get(words[at]);
            clauses++;
            at++;
            if (at == words.length) {
                return sum / clauses;
            }
            if (!linksToAnotherClause(words, at)) {
                return NONSENSE;
            }
            at += 3;
        }
        return NONSENSE;
    }

    /** Whether {@code and the noun} or {@code but the noun} stands there. */
    private static boolean linksToAnotherClause(String[] words, int at) {
        return at + 2 < words.length
                && LINKS.contains(words[at])
                && words[at + 1].equals("the")
                && NOUNS.contains(words[at + 2]);
    }

    /**
     * A noisy reader (Bradley and Terry 1952): says that the first completion is better with probability σ(r₁ − r₂).
     */
    public boolean prefers(String first, String second, SplittableRandom random) {
        double difference = reward(first) - reward(second);
        return random.nextDouble() < 1 / (1 + Math.exp(-difference));
    }
}
