package org.align4j.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
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
 * not count; a text may be there twice, with the same score or another. Files are those of {@link RankingReader}.
 */
public final class ScoredReader {
    private ScoredReader() {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Ranking> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats), consumer);
    }

    private static Ranking parse(Fields fields, Chats chats) throws BadRowException {
        if (fields.has("completion")) {
            Example answer = Forms.demonstration(fields);
            Example.Answer only = answer.answers().get(0);
            double score = fields.numberOrNaN("score");
            if (Double.isNaN(score)) {
                throw unscored(fields);
            }
            return answer.as(
                            answer.kind(),
                            answer.prompt(),
                            List.of(new Example.Answer(only.place(), only.content(), 0, score, null)))
                    .ranking(chats);
        }
        JsonNode row = fields.row();
        if (row instanceof ObjectNode object && object.has("margin")) {
            row = object.deepCopy().without("margin");
        }
        Ranking ranking = Forms.ranking(new Fields(row, fields.source())).ranking(chats);
        if (ranking.completions().stream().anyMatch(each -> Double.isNaN(each.score()))) {
            throw unscored(fields);
        }
        return ranking;
    }

    private static BadRowException unscored(Fields fields) {
        return fields.bad(
                BadRows.Reason.MISSING_FIELD,
                "there is no score for every completion, expected `completion` with `score`, `completions` with"
                        + " `scores`, or a pair with `score_chosen` and `score_rejected`");
    }
}
