package org.align4j.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.align4j.Words;

/**
 * The rows that were left out of a file, by reason.
 *
 * @param groups one for each reason that occurred, in the order of {@link Reason}
 */
public record BadRows(List<Group> groups) {

    /** Why a row cannot be used. */
    public enum Reason {
        MALFORMED_TEXT("not valid UTF-8 text"),
        TOO_LONG("longer than the limit"),
        BROKEN_JSON("broken JSON"),
        BROKEN_TABLE("cells that are not those of the columns"),
        DUPLICATE_FIELD("a field twice"),
        NOT_AN_OBJECT("not a JSON object"),
        MISSING_FIELD("a field is missing"),
        WRONG_TYPE("a field of the wrong type"),
        CONVERSATION("messages where text is expected"),
        EMPTY_COMPLETION("an empty completion"),
        IDENTICAL_COMPLETIONS("preferred and rejected completion are identical"),
        TOO_FEW_COMPLETIONS("too few completions"),
        LENGTHS_DIFFER("as many ranks or scores as completions are needed"),
        ALL_TIED("all completions tied, nothing is preferred"),
        NOT_FINITE("a score that is not a finite number");

        private final String description;

        Reason(String description) {
            this.description = description;
        }

        public String description() {
            return description;
        }
    }

    /**
     * Rows left out for one reason.
     *
     * @param rows how many, at least 1
     * @param first the message of the first, with file and line
     */
    public record Group(Reason reason, long rows, String first) {}

    public BadRows {
        groups = List.copyOf(groups);
    }

    /** How many rows were left out. */
    public long total() {
        long total = 0;
        for (Group group : groups) {
            total += group.rows();
        }
        return total;
    }

    /** One sentence for each reason; none if no row was bad. */
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        for (Group group : groups) {
            lines.add("%s skipped (%s), the first: %s"
                    .formatted(Words.count(group.rows(), "row"), group.reason().description(), group.first()));
        }
        return lines;
    }

    /** Counts bad rows while a file is read. */
    static final class Counter {
        private final Map<Reason, Group> groups = new EnumMap<>(Reason.class);

        void add(BadRowException bad) {
            add(new Group(bad.reason(), 1, bad.getMessage()));
        }

        void add(Group one) {
            groups.merge(
                    one.reason(), one, (old, more) -> new Group(old.reason(), old.rows() + more.rows(), old.first()));
        }

        BadRows result() {
            return new BadRows(List.copyOf(groups.values()));
        }
    }
}
