package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads texts to imitate. Files are those of {@link RankingReader}; each row is judged by its own fields:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4"}                        trained on the completion
 * {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}]}   likewise
 * {"instruction": "Add", "input": "2+2", "output": "4"}         Alpaca's columns, likewise
 * {"messages": [{"role": "user", …}, …]}                        trained on the whole conversation
 * {"conversations": [{"from": "human", …}, …]}                  likewise, as ShareGPT has it
 * {"text": "Two and two is four."}                              trained on all of it
 * </pre>
 *
 * Each becomes a {@link Ranking} of one completion, whose prompt is what is not trained on.
 */
public final class DemonstrationReader {
    private DemonstrationReader() {}

    /**
     * Reads a whole file into memory. Errors are those of {@link RankingReader#read}.
     *
     * @param completionOnly whether a prompt in a column of its own is left out of the loss
     */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, Chats chats, boolean completionOnly) {
        List<Ranking> rows = new ArrayList<>();
        BadRows bad = read(file, onBadRow, chats, completionOnly, rows::add);
        return new Rows<>(rows, bad);
    }

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(
            Path file, OnBadRow onBadRow, Chats chats, boolean completionOnly, Consumer<? super Ranking> consumer) {
        return JsonRows.read(
                file, onBadRow, (row, source) -> parse(new Fields(row, source), chats, completionOnly), consumer);
    }

    private static Ranking parse(Fields fields, Chats chats, boolean completionOnly) throws BadRowException {
        for (String label : List.of("label", "kto_tag")) {
            // Also as a table's text; a number may be the class of something else.
            if (fields.row().path(label).asString("").equalsIgnoreCase("false")) {
                throw fields.bad(
                        BadRows.Reason.WRONG_TYPE,
                        "`%s` is false, expected what is to be imitated; train on such rows with kto".formatted(label));
            }
        }
        Ranking ranking = Forms.demonstration(fields).ranking(chats);
        return completionOnly ? ranking : ranking.withoutPrompt();
    }
}
