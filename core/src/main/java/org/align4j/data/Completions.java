package org.align4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.align4j.Words;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;

/**
 * A prompt and a list of completions with their places. They stand in {@code completions} (or {@code answers} as in Nectar,
 * {@code generations}, {@code responses}): texts or messages with a list of {@code ranks}, {@code scores} or
 * {@code ratings} beside them, or objects that hold a text ({@code response}, {@code answer}, {@code completion},
 * {@code text}) and its own {@code rank} or score.
 *
 * <p>The score is {@code score}, UltraFeedback's {@code overall_score} or {@code fine-grained_score}, {@code rating}, or
 * the mean of the {@code Rating}s in UltraFeedback's {@code annotations}: the first that all completions of a row have.
 */
final class Completions {
    private static final List<String> LISTS = List.of("completions", "answers", "generations", "responses");
    private static final List<String> TEXTS = List.of("response", "answer", "completion", "text");
    private static final List<String> SCORES = List.of("score", "overall_score", "fine-grained_score", "rating");
    private static final String ANNOTATIONS = "annotations";

    private final Fields fields;
    private final String name;
    private final JsonNode list;

    private Completions(Fields fields, String name) throws BadRowException {
        this.fields = fields;
        this.name = name;
        this.list = fields.list(name);
    }

    static boolean in(Fields fields) {
        return LISTS.stream().anyMatch(fields::has);
    }

    /** @param unranked whether completions without places are good too */
    static Example read(Fields fields, boolean unranked) throws BadRowException {
        return of(fields, 2).read(unranked);
    }

    /** Completions to judge: one is enough, and places are not asked for. */
    static Example toJudge(Fields fields) throws BadRowException {
        return of(fields, 1).read(true);
    }

    private static Completions of(Fields fields, int fewest) throws BadRowException {
        String name = LISTS.stream().filter(fields::has).findFirst().orElseThrow();
        Completions completions = new Completions(fields, name);
        if (completions.list.size() < fewest) {
            throw fields.bad(
                    BadRows.Reason.TOO_FEW_COMPLETIONS,
                    "`%s` has %d, expected at least %d".formatted(name, completions.list.size(), fewest));
        }
        return completions;
    }

    private Example read(boolean unranked) throws BadRowException {
        boolean ranks = fields.has("ranks");
        String scores = fields.has("ratings") && !fields.has("scores") ? "ratings" : "scores";
        boolean beside = ranks || fields.has(scores);
        boolean objects =
                !beside && list.get(0).isObject() && !text(list.get(0)).isEmpty();
        List<JsonNode> texts = new ArrayList<>();
        for (JsonNode element : list) {
            texts.add(objects ? textOf(element, texts.size()) : element);
        }
        if (objects) {
            String place = list.get(0).hasNonNull("rank") ? "rank" : scoreName();
            if (place.isEmpty() && unranked) {
                return example(Kind.SAMPLES, texts, List.of(), false, "");
            }
            return example(Kind.RANKING, texts, placesOf(place), place.equals("rank"), "[" + place + "]");
        }
        if (!beside && unranked) {
            return example(Kind.SAMPLES, texts, List.of(), false, "");
        }
        if (ranks == fields.has(scores)) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "`%s` comes with %s `ranks` and `scores`, expected one of them"
                            .formatted(name, ranks ? "both" : "neither of"));
        }
        String places = ranks ? "ranks" : scores;
        List<Double> values = ranks ? fields.integers(places) : fields.finiteNumbers(places);
        if (values.size() != texts.size()) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`%s` has %s for %s, expected one each"
                            .formatted(
                                    places,
                                    Words.count(values.size(), "value"),
                                    Words.count(texts.size(), "completion")));
        }
        return example(Kind.RANKING, texts, values, ranks, ", " + places);
    }

    private Example example(Kind kind, List<JsonNode> texts, List<Double> values, boolean ranks, String form)
            throws BadRowException {
        boolean chat = Forms.isChat(fields, "prompt") || Conversations.isChat(texts.get(0));
        Conversations conversations = new Conversations(fields, Chats.NONE);
        Content prompt = chat ? Pairs.askedBefore(fields) : new Content.Text(fields.prompt());
        List<Integer> tiers = values.isEmpty() ? Collections.nCopies(texts.size(), 0) : tiers(values, ranks);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String place = "%s[%d]".formatted(name, i);
            String which = "`" + place + "`";
            Content content = chat
                    ? new Content.Messages(conversations.messages(texts.get(i), place, "assistant"))
                    : new Content.Text(fields.notEmpty(fields.text(texts.get(i), which), which));
            double score = ranks || values.isEmpty() ? Double.NaN : values.get(i);
            answers.add(new Answer(place, content, tiers.get(i), score, null));
        }
        return Example.of(kind, "prompt, " + name + form, prompt, answers, fields);
    }

    private JsonNode textOf(JsonNode element, int i) throws BadRowException {
        String text = text(element);
        if (text.isEmpty()) {
            throw missing(i, "text", TEXTS);
        }
        return element.get(text);
    }

    /** The field of an object that holds its text, or the empty text. */
    private static String text(JsonNode object) {
        return TEXTS.stream().filter(object::hasNonNull).findFirst().orElse("");
    }

    /** The first score that all have, or the first that any has, or the empty text. */
    private String scoreName() {
        List<String> names = new ArrayList<>(SCORES);
        names.add(ANNOTATIONS);
        String any = "";
        for (String each : names) {
            long having = list.valueStream()
                    .filter(element -> element.hasNonNull(each))
                    .count();
            boolean numbers = list.valueStream().noneMatch(element -> Double.isNaN(value(element, each)));
            if (having == list.size() && numbers) {
                return each;
            }
            any = any.isEmpty() && having > 0 ? each : any;
        }
        return any;
    }

    /** NaN where there is none. */
    private static double value(JsonNode element, String place) {
        if (!place.equals(ANNOTATIONS)) {
            return Fields.number(element.path(place));
        }
        double sum = 0;
        int count = 0;
        for (JsonNode aspect : element.path(ANNOTATIONS)) {
            double rating = Fields.number(aspect.path("Rating")); // N/A is none
            if (!Double.isNaN(rating)) {
                sum += rating;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private List<Double> placesOf(String place) throws BadRowException {
        List<Double> values = new ArrayList<>();
        for (JsonNode element : list) {
            double value = value(element, place);
            if (Double.isNaN(value) && (place.isEmpty() || !element.hasNonNull(place))) {
                boolean rank = place.equals("rank");
                throw missing(values.size(), rank ? "rank" : "rank or score", rank ? List.of("rank") : SCORES);
            }
            if (Double.isNaN(value)) {
                throw fields.bad(
                        BadRows.Reason.NOT_FINITE,
                        "`%s[%d]`.%s is %s, expected a finite number"
                                .formatted(name, values.size(), place, Fields.kind(element.get(place))));
            }
            values.add(value);
        }
        return values;
    }

    private BadRowException missing(int i, String what, List<String> expected) {
        return fields.bad(
                BadRows.Reason.MISSING_FIELD,
                "`%s[%d]` has no %s, expected one of %s".formatted(name, i, what, expected));
    }

    /** Places 0, 1, 2 … without gaps, best first. */
    private static List<Integer> tiers(List<Double> values, boolean lowerIsBetter) {
        Comparator<Double> bestFirst = lowerIsBetter ? Comparator.naturalOrder() : Comparator.reverseOrder();
        TreeSet<Double> places = new TreeSet<>(bestFirst);
        for (double value : values) {
            places.add(value + 0.0); // -0.0 ties with 0.0
        }
        List<Integer> tiers = new ArrayList<>();
        for (double value : values) {
            tiers.add(places.headSet(value + 0.0).size());
        }
        return tiers;
    }
}
