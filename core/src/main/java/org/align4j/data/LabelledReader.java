package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads completions that somebody called good or bad:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4", "label": true}
 * {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}], "label": false}
 * </pre>
 *
 * A label may also be 1 or 0. Each row becomes a {@link Ranking} of one completion, of tier 0 if it is good and 1 if it is
 * bad. Files are those of {@link RankingReader}.
 */
public final class LabelledReader {
    private LabelledReader() {}

    /** Reads a whole file into memory. Errors are those of {@link RankingReader#read}. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, Chats chats) {
        List<Ranking> rows = new ArrayList<>();
        BadRows bad = JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats), rows::add);
        return new Rows<>(rows, bad);
    }

    private static Ranking parse(Fields fields, Chats chats) throws BadRowException {
        boolean good = fields.truth(fields.required("label"), "`label`", "desirable");
        return Answers.read(fields, "completion", good ? 0 : 1, chats);
    }
}
