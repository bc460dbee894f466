package org.align4j.data;

import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Reads completions that somebody called good or bad:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4", "label": true}
 * {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}], "label": false}
 * </pre>
 *
 * A label may also be 1 or 0. Pairs, rows with {@code chosen} and {@code rejected} in the place of a label, become rankings of
 * two, for {@link Unpairing}. Each row becomes a {@link Ranking} of one completion, of tier 0 if it is good and 1 if it is
 * bad. Files are those of {@link RankingReader}.
 */
public final class LabelledReader {
    private LabelledReader() {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Ranking> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats), consumer);
    }

    private static Ranking parse(Fields fields, Chats chats) throws BadRowException {
        if (!fields.has("label") && fields.has("chosen") && fields.has("rejected")) {
            return RankingReader.parse(fields, chats, false);
        }
        JsonNode label = fields.required("label");
        boolean number = label.isIntegralNumber() && (label.intValue() == 0 || label.intValue() == 1);
        if (!label.isBoolean() && !number) {
            throw fields.bad(
                    BadRows.Reason.WRONG_TYPE, "`label` is %s, expected true (desirable) or false".formatted(label));
        }
        boolean good = number ? label.intValue() == 1 : label.booleanValue();
        return Answers.read(fields, "completion", good ? 0 : 1, chats);
    }
}
