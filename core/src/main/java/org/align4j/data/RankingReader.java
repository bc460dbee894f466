package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/**
 * Reads preferences from JSONL files (one object a line) or JSON arrays of objects, plain or gzip-compressed. Each row
 * is judged by its own fields, so a file may mix these; columns not named here are ignored:
 *
 * <pre>
 * {"prompt": "2+2=", "chosen": " 4", "rejected": " 5"}               a pair
 * {"chosen": "2+2= 4", "rejected": "2+2= 5"}                         a pair; the prompt is their common beginning
 * {"prompt": "2+2=", "completions": [" 4", " 5"], "ranks": [1, 2]}   lower is better, equal is a tie
 * {"prompt": "2+2=", "completions": [" 4", " 5"], "scores": [9, .5]} higher is better, equal is a tie
 * </pre>
 *
 * A pair may also say how much better its first completion is: with {@code "margin"}, or with {@code "score_chosen"} and
 * {@code "score_rejected"}. Where these are no numbers they count as columns of something else.
 *
 * <p>The common beginning is found as TRL finds it. Prompt and completion are joined as they stand, without a space.
 */
public final class RankingReader {
    private RankingReader() {}

    /**
     * Streams a file: each good row is handed on as soon as it is read.
     *
     * @param file the name is used as given in {@link Source} and in messages
     * @return the rows that were left out; none under {@link OnBadRow#FAIL}
     * @throws AlignException if the file is missing, damaged or without a single good row, or at the first bad row under
     *     {@link OnBadRow#FAIL}
     */
    public static BadRows read(Path file, OnBadRow onBadRow, Consumer<? super Ranking> consumer) {
        return read(file, onBadRow, false, consumer);
    }

    /**
     * The same.
     *
     * @param allTied whether a ranking in which all are tied is a good row
     */
    public static BadRows read(Path file, OnBadRow onBadRow, boolean allTied, Consumer<? super Ranking> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> parse(row, source, allTied), consumer);
    }

    /** Reads a whole file into memory. Errors are those of {@link #read}. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow) {
        return readAll(file, onBadRow, false);
    }

    /** The same, perhaps with rankings in which all are tied. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, boolean allTied) {
        List<Ranking> rankings = new ArrayList<>();
        BadRows bad = read(file, onBadRow, allTied, rankings::add);
        return new Rows<>(rankings, bad);
    }

    private static Ranking parse(JsonNode row, Source source, boolean allTied) throws BadRowException {
        Fields fields = new Fields(row, source);
        if (fields.has("chosen") || fields.has("rejected")) {
            return scored(pair(fields), row);
        }
        if (fields.has("completions")) {
            return list(fields, allTied);
        }
        throw fields.bad(
                BadRows.Reason.MISSING_FIELD,
                ("found the fields %s, expected `chosen` and `rejected`, or `prompt` and `completions` with `ranks` or"
                                + " `scores`; rename the columns")
                        .formatted(fields.names()));
    }

    private static Ranking scored(Ranking pair, JsonNode row) {
        JsonNode margin = row.path("margin");
        if (margin.isNumber()) {
            return pair.scored(margin.doubleValue(), 0);
        }
        JsonNode chosen = row.path("score_chosen");
        JsonNode rejected = row.path("score_rejected");
        return chosen.isNumber() && rejected.isNumber()
                ? pair.scored(chosen.doubleValue(), rejected.doubleValue())
                : pair;
    }

    /** A pair, with its own prompt or with one that both texts begin with. */
    static Ranking pair(Fields fields) throws BadRowException {
        String chosen = fields.completion("chosen");
        String rejected = fields.completion("rejected");
        if (chosen.equals(rejected)) {
            throw fields.bad(
                    BadRows.Reason.IDENTICAL_COMPLETIONS,
                    "`chosen` and `rejected` are the same text, expected a preference between two");
        }
        if (fields.has("prompt")) {
            return Ranking.pair(fields.text("prompt"), chosen, rejected, fields.source());
        }
        ImplicitPrompt split = ImplicitPrompt.split(chosen, rejected);
        return Ranking.pair(split.prompt(), split.chosen(), split.rejected(), fields.source());
    }

    private static Ranking list(Fields fields, boolean allTied) throws BadRowException {
        String prompt = fields.text("prompt");
        List<String> texts = fields.completions("completions");
        if (texts.size() < 2) {
            throw fields.bad(
                    BadRows.Reason.TOO_FEW_COMPLETIONS,
                    "`completions` has %d, expected at least 2".formatted(texts.size()));
        }
        List<Integer> tiers = tiers(fields, texts.size(), allTied);
        List<Double> scores = fields.has("scores") ? fields.finiteNumbers("scores") : null;
        Map<String, Integer> tierOfText = new HashMap<>();
        List<Ranking.Completion> completions = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Integer other = tierOfText.put(texts.get(i), tiers.get(i));
            if (other != null && !other.equals(tiers.get(i))) {
                throw fields.bad(
                        BadRows.Reason.IDENTICAL_COMPLETIONS,
                        "`completions[%d]` is the same text as one that is ranked differently, expected one place for it"
                                .formatted(i));
            }
            completions.add(
                    new Ranking.Completion(texts.get(i), tiers.get(i), scores == null ? Double.NaN : scores.get(i)));
        }
        return new Ranking(prompt, completions, fields.source());
    }

    /** Places 0, 1, 2 … without gaps, best first. */
    private static List<Integer> tiers(Fields fields, int count, boolean allTied) throws BadRowException {
        boolean ranked = fields.has("ranks");
        if (ranked == fields.has("scores")) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "`completions` comes with %s `ranks` and `scores`, expected one of them"
                            .formatted(ranked ? "both" : "neither of"));
        }
        String name = ranked ? "ranks" : "scores";
        List<Double> values = ranked ? fields.integers(name) : fields.finiteNumbers(name);
        if (values.size() != count) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`%s` has %d values for %d completions, expected one each".formatted(name, values.size(), count));
        }
        Comparator<Double> bestFirst = ranked ? Comparator.naturalOrder() : Comparator.reverseOrder();
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
