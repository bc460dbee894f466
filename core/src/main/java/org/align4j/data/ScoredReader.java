package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads completions that somebody gave a number, for a model that is to give the same:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4", "score": 9.5}
 * {"prompt": "2+2=", "completions": [" 4", " 5"], "scores": [9, 0.5]}
 * </pre>
 *
 * and all other rows of {@link RankingReader} that have a score for every completion. A {@code margin} is no score and does
 * not count. Files are those of {@link RankingReader}.
 */
public final class ScoredReader {
    private ScoredReader() {}

    /** Reads a whole file into memory. Errors are those of {@link RankingReader#read}. */
    public static Rows<Ranking> readAll(Path file, OnBadRow onBadRow, Chats chats) {
        List<Ranking> rows = new ArrayList<>();
        BadRows bad = JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats), rows::add);
        return new Rows<>(rows, bad);
    }

    private static Ranking parse(Fields fields, Chats chats) throws BadRowException {
        if (fields.has("completion")) {
            double score = fields.finiteNumber("score");
            return Answers.read(fields, "completion", 0, chats).scored(score);
        }
        JsonNode row = fields.row();
        if (row instanceof ObjectNode object && object.has("margin")) {
            row = object.deepCopy().without("margin");
        }
        Ranking ranking = RankingReader.parse(new Fields(row, fields.source()), chats, true);
        if (ranking.completions().stream().anyMatch(each -> Double.isNaN(each.score()))) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "there is no score for every completion, expected `completion` with `score`, `completions` with"
                            + " `scores`, or a pair with `score_chosen` and `score_rejected`");
        }
        return ranking;
    }
}
