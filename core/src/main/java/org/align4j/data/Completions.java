package org.align4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The completions of a ranked row and their places. They stand in {@code completions} (or {@code answers}, as in Nectar):
 * texts or messages with a list of {@code ranks} or {@code scores} beside them, or objects that hold a text
 * ({@code response}, {@code answer} or {@code text}) and its own {@code rank}, {@code score}, {@code rating} or
 * {@code overall_score} (UltraFeedback).
 *
 * @param name of the field
 * @param texts the texts or messages, in the order of the row, at least two
 * @param tiers places 0, 1, 2 … without gaps, best first
 * @param scores how good each is, higher is better; NaN where the row has ranks
 */
record Completions(String name, List<JsonNode> texts, List<Integer> tiers, List<Double> scores) {
    private static final List<String> TEXTS = List.of("response", "answer", "text");
    private static final List<String> SCORES = List.of("score", "overall_score", "rating");

    int size() {
        return texts.size();
    }

    /** Where the i-th stands. */
    String place(int i) {
        return "%s[%d]".formatted(name, i);
    }

    boolean areChats(Fields fields) {
        return RankingReader.isChat(fields, "prompt") || Conversations.isChat(texts.get(0));
    }

    /** @param allTied whether all may be tied */
    static Completions read(Fields fields, boolean allTied) throws BadRowException {
        String name = fields.has("completions") ? "completions" : "answers";
        JsonNode list = fields.list(name);
        if (list.size() < 2) {
            throw fields.bad(
                    BadRows.Reason.TOO_FEW_COMPLETIONS,
                    "`%s` has %d, expected at least 2".formatted(name, list.size()));
        }
        boolean beside = fields.has("ranks") || fields.has("scores");
        if (!beside && list.get(0).isObject() && !field(list.get(0), TEXTS).isEmpty()) {
            return rated(fields, name, list, allTied);
        }
        List<JsonNode> texts = new ArrayList<>();
        list.forEach(texts::add);
        boolean ranked = fields.has("ranks");
        if (ranked == fields.has("scores")) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "`%s` comes with %s `ranks` and `scores`, expected one of them"
                            .formatted(name, ranked ? "both" : "neither of"));
        }
        String places = ranked ? "ranks" : "scores";
        List<Double> values = ranked ? fields.integers(places) : fields.finiteNumbers(places);
        if (values.size() != texts.size()) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`%s` has %d values for %d completions, expected one each"
                            .formatted(places, values.size(), texts.size()));
        }
        return new Completions(name, texts, tiers(fields, places, values, ranked, allTied), scores(values, ranked));
    }

    /** Objects with a text and its rank or score each. */
    private static Completions rated(Fields fields, String name, JsonNode list, boolean allTied)
            throws BadRowException {
        boolean ranked = list.get(0).hasNonNull("rank");
        List<JsonNode> texts = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (JsonNode element : list) {
            String which = "`%s[%d]`".formatted(name, texts.size());
            String text = field(element, TEXTS);
            String value = ranked ? field(element, List.of("rank")) : field(element, SCORES);
            if (text.isEmpty() || value.isEmpty()) {
                throw fields.bad(
                        BadRows.Reason.MISSING_FIELD,
                        "%s has no %s".formatted(which, text.isEmpty() ? "text" : ranked ? "rank" : "rank or score")
                                + ", expected one of " + (text.isEmpty() ? TEXTS : ranked ? List.of("rank") : SCORES));
            }
            texts.add(element.get(text));
            JsonNode number = element.get(value);
            if (!number.isNumber() || !Double.isFinite(number.doubleValue())) {
                throw fields.bad(
                        BadRows.Reason.NOT_FINITE,
                        "%s.%s is %s, expected a finite number".formatted(which, value, Fields.kind(number)));
            }
            values.add(number.doubleValue());
        }
        return new Completions(
                name, texts, tiers(fields, ranked ? "rank" : "score", values, ranked, allTied), scores(values, ranked));
    }

    /** The first of the names that an object has, or the empty text. */
    private static String field(JsonNode object, List<String> names) {
        for (String name : names) {
            if (object.hasNonNull(name)) {
                return name;
            }
        }
        return "";
    }

    private static List<Double> scores(List<Double> values, boolean areRanks) {
        return areRanks ? Collections.nCopies(values.size(), Double.NaN) : values;
    }

    private static List<Integer> tiers(
            Fields fields, String name, List<Double> values, boolean lowerIsBetter, boolean allTied)
            throws BadRowException {
        Comparator<Double> bestFirst = lowerIsBetter ? Comparator.naturalOrder() : Comparator.reverseOrder();
        TreeSet<Double> places = new TreeSet<>(bestFirst);
        for (double value : values) {
            places.add(value + 0.0); // -0.0 ties with 0.0
        }
        if (places.size() == 1 && !allTied) {
            throw fields.bad(
                    BadRows.Reason.ALL_TIED,
                    "all `%s` are equal, expected at least one completion that is better than another".formatted(name));
        }
        List<Integer> tiers = new ArrayList<>();
        for (double value : values) {
            tiers.add(places.headSet(value + 0.0).size());
        }
        return tiers;
    }
}
