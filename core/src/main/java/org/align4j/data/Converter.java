package org.align4j.data;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.node.ObjectNode;

/** Files of rows as files of other rows. Memory does not depend on their number, unless judgements are merged. */
public final class Converter {
    private final OnBadRow onBadRow;
    private final Conversion conversion;
    private final Merging merging;
    private final boolean merges;
    private final Agreement agreement = new Agreement();
    private final BadRows.Counter badAfterMerging = new BadRows.Counter();
    private long judgements;
    private long became;
    private long read;
    private long written;

    /** @param scope which judgements become one */
    public Converter(Conversion conversion, Merging.Scope scope, OnBadRow onBadRow) {
        this.conversion = conversion;
        this.merging = new Merging(scope);
        this.merges = scope != Merging.Scope.NONE;
        this.onBadRow = onBadRow;
    }

    /**
     * Converts everything that a path means. The stream is closed.
     *
     * @return what happened, a sentence each
     * @throws AlignException as {@link RankingReader#read} does, and if no row is left
     */
    public List<String> convert(Path data, RowFormat format, OutputStream out) throws IOException {
        BadRows bad;
        try (RowWriter writer = format.open(out)) {
            bad = JsonRows.read(
                    data,
                    onBadRow,
                    (row, source) -> rows(Forms.any(new Fields(row, source))),
                    rows -> write(rows, writer));
            List<Example> rankings = merging.merged();
            became = rankings.size();
            for (Example merged : rankings) {
                try {
                    write(conversion.rows(merged), writer);
                } catch (BadRowException e) {
                    if (onBadRow == OnBadRow.FAIL) {
                        throw AlignException.badInput(
                                e.getMessage() + "; correct the row, or skip bad rows (on_bad_row: skip)", e);
                    }
                    badAfterMerging.add(e);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        List<String> lines = new ArrayList<>(bad.summary());
        lines.addAll(badAfterMerging.result().summary());
        lines.addAll(conversion.losses());
        if (merges) {
            lines.add("%,d judgements became %,d rankings".formatted(judgements, became));
            agreement.found().ifPresent(found -> lines.add(found.toString()));
        }
        if (written == 0) {
            throw AlignException.badInput(
                    "%s: nothing of it has a place in the new type: %s".formatted(data, String.join("; ", lines)));
        }
        lines.add("%,d rows read, %,d written".formatted(read + bad.total(), written));
        return lines;
    }

    private List<ObjectNode> rows(Example example) throws BadRowException {
        read++;
        agreement.add(example);
        if (merges && example.kind() == Kind.RANKING) {
            conversion.check(example);
            merging.add(example);
            judgements++;
            return List.of();
        }
        return conversion.rows(example);
    }

    private void write(List<ObjectNode> rows, RowWriter writer) {
        try {
            for (ObjectNode row : rows) {
                writer.write(row);
                written++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
