package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.align4j.AlignException;

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
 *
 * <p>Two answers with a verdict, as arenas have them, are a {@link Comparison}.
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
        JsonRows.read(
                file,
                onBadRow,
                (row, source) -> !Double.isNaN(new Fields(row, source).numberOrNaN("margin")),
                has -> all[0] = all[0] && has);
        return all[0];
    }

    /** Reads a file without conversations. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow) {
        return readAll(file, onBadRow, Chats.NONE);
    }

    /** Streams completions to judge, one or more a row, whether or not somebody has put them in order. */
    public static BadRows readUnranked(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Ranking> consumer) {
        return readUnranked(file, onBadRow, List.of(chats), written -> consumer.accept(written.get(0)));
    }

    /** The same as several models see them: each row as the chats of each write it. */
    public static BadRows readUnranked(
            Path file, OnBadRow onBadRow, List<Chats> chats, Consumer<? super List<Ranking>> consumer) {
        return JsonRows.read(
                file,
                onBadRow,
                (row, source) -> {
                    Example example = Forms.completions(new Fields(row, source));
                    List<Ranking> written = new ArrayList<>();
                    for (Chats each : chats) {
                        written.add(example.ranking(each));
                    }
                    return written;
                },
                consumer);
    }

    static Ranking parse(Fields fields, Chats chats, boolean allTied) throws BadRowException {
        Example example = Forms.ranking(fields);
        requirePreference(example, allTied);
        Ranking ranking = example.ranking(chats);
        requirePreference(ranking, example);
        return ranking;
    }

    /** Refuses a ranking in which nothing is preferred, or a text to itself. */
    static void requirePreference(Example example, boolean allTied) throws BadRowException {
        if (!allTied && example.isTied()) {
            throw tied(example);
        }
        requireDifferent(example.contradiction(), example);
    }

    /** The same of what a template wrote. */
    static void requirePreference(Ranking ranking, Example example) throws BadRowException {
        if (ranking.rendered()) { // a template may trim what made the difference
            List<Example.Answer> written = new ArrayList<>();
            for (int i = 0; i < example.answers().size(); i++) {
                Example.Answer answer = example.answers().get(i);
                Content text = new Content.Text(ranking.completions().get(i).text());
                written.add(new Example.Answer(answer.place(), text, answer.tier(), answer.score(), null));
            }
            requireDifferent(
                    example.as(example.kind(), example.prompt(), written).contradiction(), example);
        }
    }

    static BadRowException tied(Example example) {
        return example.fields()
                .bad(
                        BadRows.Reason.ALL_TIED,
                        "all completions are tied, expected at least one that is better than another");
    }

    static void requireDifferent(List<Example.Answer> same, Example example) throws BadRowException {
        if (!same.isEmpty()) {
            throw example.fields()
                    .bad(
                            BadRows.Reason.IDENTICAL_COMPLETIONS,
                            "`%s` and `%s` are the same text, expected a preference between two"
                                    .formatted(same.get(0).place(), same.get(1).place()));
        }
    }
}
