package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Reads solutions whose steps somebody called good or bad, as TRL's stepwise supervision has them:
 *
 * <pre>
 * {"prompt": "Which is larger, 9.8 or 9.11?", "completions": ["11 is greater than 8.", "So 9.11 > 9.8."], "labels": [true, false]}
 * </pre>
 *
 * A label may also be 1 or 0. Files are those of {@link RankingReader}.
 */
public final class SolutionReader {
    private SolutionReader() {}

    /**
     * Streams a file, as {@link RankingReader#read} does.
     *
     * @param labelled whether a row must have labels
     */
    public static BadRows read(Path file, OnBadRow onBadRow, boolean labelled, Consumer<? super Solution> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), labelled), consumer);
    }

    static Solution parse(Fields fields, boolean labelled) throws BadRowException {
        List<String> steps = new ArrayList<>();
        List<Boolean> good = new ArrayList<>();
        if (labelled || Steps.in(fields)) {
            for (Example.Answer step : Steps.read(fields).answers()) {
                steps.add(((Content.Text) step.content()).text());
                good.add(step.good());
            }
        } else {
            for (JsonNode step : fields.list("completions")) {
                steps.add(fields.text(step, "`completions[%d]`".formatted(steps.size())));
            }
            if (steps.isEmpty()) {
                throw fields.bad(BadRows.Reason.EMPTY_COMPLETION, "`completions` has no steps, expected at least one");
            }
        }
        return new Solution(fields.prompt(), steps, good, fields.source());
    }
}
