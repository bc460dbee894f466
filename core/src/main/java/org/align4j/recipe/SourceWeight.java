package org.align4j.recipe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.align4j.Words;
import org.align4j.config.Commas;

/**
 * How much of a source an epoch sees: each row {@code times}, or {@code rows} rows in all. Where that is no whole number of
 * passes over the source, the rows that are seen once more than others are drawn by the seed, the same in every epoch.
 *
 * @param times NaN where {@code rows} counts
 */
record SourceWeight(double times, long rows) {
    private static final String ROWS = "rows";

    /** One for each source; without weights all rows are seen once. */
    static List<SourceWeight> of(Optional<String> weights, int sources) {
        if (weights.isEmpty()) {
            return Collections.nCopies(sources, new SourceWeight(1, 0));
        }
        List<SourceWeight> parsed = new ArrayList<>();
        for (String part : Commas.split(weights.get())) {
            parsed.add(parse(part, weights.get()));
        }
        if (parsed.size() != sources) {
            throw AlignException.usage("data_weights is \"" + weights.get() + "\", which makes "
                    + Words.count(parsed.size(), "weight") + " for " + sources + " sources of data; give one for each");
        }
        return parsed;
    }

    private static SourceWeight parse(String part, String all) {
        try {
            if (part.endsWith(ROWS)) {
                long rows = Long.parseLong(
                        part.substring(0, part.length() - ROWS.length()).strip());
                if (rows > 0) {
                    return new SourceWeight(Double.NaN, rows);
                }
            } else {
                double times = Double.parseDouble(part);
                if (times > 0 && times < Integer.MAX_VALUE) {
                    return new SourceWeight(times, 0);
                }
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw AlignException.usage("data_weights is \"" + all + "\", expected numbers above 0 such as 1 or 0.5, or a"
                + " number of rows such as 500rows, with commas between");
    }

    /**
     * How often each row is seen.
     *
     * @param available rows of the source, at least 1
     * @param source its name, for messages
     */
    int[] copies(int available, SplittableRandom random, Object source) {
        long wanted = Double.isNaN(times) ? rows : Math.round(times * available);
        if (wanted < 1 || wanted > Integer.MAX_VALUE) {
            throw AlignException.usage("data_weights asks for " + wanted + " rows of the " + available + " of " + source
                    + ", expected at least 1 and at most " + Integer.MAX_VALUE + "; give another weight");
        }
        int[] copies = new int[available];
        boolean[] once = drawn(available, (int) (wanted % available), random);
        for (int row = 0; row < available; row++) {
            copies[row] = (int) (wanted / available) + (once[row] ? 1 : 0);
        }
        return copies;
    }

    /** Some of {@code rows} rows, all equally likely. */
    static boolean[] drawn(int rows, int count, SplittableRandom random) {
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        boolean[] drawn = new boolean[rows];
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(rows - i);
            drawn[order[j]] = true;
            order[j] = order[i];
        }
        return drawn;
    }
}
