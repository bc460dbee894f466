package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.align4j.AlignException;
import org.align4j.template.Rendered;
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
 * {"prompt": "2+2=", "answers": [{"answer": " 4", "rank": 1}, …]}    the place beside the text ({@link Completions})
 * {"instruction": "Add", "input": "2+2", "chosen": …}                Alpaca's columns for a prompt
 * </pre>
 *
 * A pair may also say how much better its first completion is: with {@code "margin"}, or with {@code "score_chosen"} and
 * {@code "score_rejected"}. Where these are no numbers they count as columns of something else.
 *
 * <p>The common beginning is found as TRL finds it. Prompt and completion are joined as they stand, without a space.
 *
 * <p>A prompt and completions that are lists of messages ({@link Conversations}) are written by the model's chat template.
 * A prompt without messages of its own is what the conversations begin with; where they begin with nothing in common, the
 * text in {@code prompt} is the user's message. A completion that is a text is the assistant's message.
 */
public final class RankingReader {
    private RankingReader() {}

    /**
     * Streams a file: each good row is handed on as soon as it is read.
     *
     * @param file the name is used as given in {@link Source} and in messages
     * @param chats how conversations become text
     * @param allTied whether a ranking in which all are tied is a good row
     * @return the rows that were left out; none under {@link OnBadRow#FAIL}
     * @throws AlignException if the file is missing, damaged or without a single good row, or at the first bad row under
     *     {@link OnBadRow#FAIL}
     */
    public static BadRows read(
            Path file, OnBadRow onBadRow, Chats chats, boolean allTied, Consumer<? super Ranking> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats, allTied), consumer);
    }

    /** Reads a whole file into memory. Errors are those of {@link #read}. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, Chats chats, boolean allTied) {
        List<Ranking> rankings = new ArrayList<>();
        BadRows bad = read(file, onBadRow, chats, allTied, rankings::add);
        return new Rows<>(rankings, bad);
    }

    /** The same without rankings in which all are tied. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, Chats chats) {
        return readAll(file, onBadRow, chats, false);
    }

    /** Whether every good row of a file says with {@code margin} how much better its first completion is. */
    public static boolean hasMargins(Path file, OnBadRow onBadRow) {
        boolean[] all = {true};
        JsonRows.read(file, onBadRow, (row, source) -> row.path("margin").isNumber(), has -> all[0] = all[0] && has);
        return all[0];
    }

    /** Reads a file without conversations. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow) {
        return readAll(file, onBadRow, Chats.NONE);
    }

    static Ranking parse(Fields fields, Chats chats, boolean allTied) throws BadRowException {
        if (fields.has("chosen") || fields.has("rejected")) {
            Ranking pair =
                    ConversationRankings.isPair(fields) ? new ConversationRankings(fields, chats).pair() : pair(fields);
            return scored(pair, fields.row());
        }
        if (fields.has("completions") || fields.has("answers")) {
            Completions completions = Completions.read(fields, allTied);
            return completions.areChats(fields)
                    ? new ConversationRankings(fields, chats).list(completions)
                    : list(fields, completions);
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
            throw identical(fields);
        }
        if (fields.hasPrompt()) {
            return Ranking.pair(fields.prompt(), chosen, rejected, fields.source());
        }
        ImplicitPrompt split = ImplicitPrompt.split(chosen, rejected);
        return Ranking.pair(split.prompt(), split.chosen(), split.rejected(), fields.source());
    }

    static BadRowException identical(Fields fields) {
        return fields.bad(
                BadRows.Reason.IDENTICAL_COMPLETIONS,
                "`chosen` and `rejected` are the same text, expected a preference between two");
    }

    private static Ranking list(Fields fields, Completions completions) throws BadRowException {
        String prompt = fields.prompt();
        List<Rendered> texts = new ArrayList<>();
        for (int i = 0; i < completions.size(); i++) {
            String which = "`" + completions.place(i) + "`";
            texts.add(new Rendered(
                    fields.notEmpty(fields.text(completions.texts().get(i), which), which), List.of()));
        }
        return ranking(fields, prompt, texts, completions, false);
    }

    /** Checks that no text has two places. */
    static Ranking ranking(
            Fields fields, String prompt, List<Rendered> texts, Completions completions, boolean rendered)
            throws BadRowException {
        List<Integer> tiers = completions.tiers();
        Map<String, Integer> tierOfText = new HashMap<>();
        List<Ranking.Completion> ranked = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Integer other = tierOfText.put(texts.get(i).text(), tiers.get(i));
            if (other != null && !other.equals(tiers.get(i))) {
                throw fields.bad(
                        BadRows.Reason.IDENTICAL_COMPLETIONS,
                        "`%s` is the same text as one that is ranked differently, expected one place for it"
                                .formatted(completions.place(i)));
            }
            ranked.add(Ranking.Completion.of(
                    texts.get(i), tiers.get(i), completions.scores().get(i)));
        }
        return new Ranking(prompt, ranked, rendered, fields.source());
    }

    /** Whether a value of this row is a message or messages. */
    static boolean isChat(Fields fields, String name) {
        JsonNode node = fields.row().get(name);
        return Conversations.isChat(node);
    }
}
