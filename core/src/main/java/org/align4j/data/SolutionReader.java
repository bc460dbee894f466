package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
     * Reads a whole file into memory. Errors are those of {@link RankingReader#read}.
     *
     * @param labelled whether a row must have labels
     */
    public static Rows<Solution> readAll(Path file, OnBadRow onBadRow, boolean labelled) {
        List<Solution> rows = new ArrayList<>();
        BadRows bad =
                JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), labelled), rows::add);
        return new Rows<>(rows, bad);
    }

    private static Solution parse(Fields fields, boolean labelled) throws BadRowException {
        String prompt = fields.prompt();
        List<String> steps = new ArrayList<>();
        for (JsonNode step : fields.list("completions")) {
            String which = "`completions[%d]`".formatted(steps.size());
            steps.add(fields.notEmpty(fields.text(step, which), which));
        }
        if (steps.isEmpty()) {
            throw fields.bad(BadRows.Reason.EMPTY_COMPLETION, "`completions` has no steps, expected at least one");
        }
        List<Boolean> good = new ArrayList<>();
        if (labelled || fields.has("labels")) {
            for (JsonNode label : fields.list("labels")) {
                good.add(fields.truth(label, "`labels[%d]`".formatted(good.size()), "good"));
            }
            if (good.size() != steps.size()) {
                throw fields.bad(
                        BadRows.Reason.LENGTHS_DIFFER,
                        "`labels` has %d values for %d steps, expected one each".formatted(good.size(), steps.size()));
            }
        }
        return new Solution(prompt, steps, good, fields.source());
    }
}
