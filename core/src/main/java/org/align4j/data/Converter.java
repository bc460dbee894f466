package org.align4j.data;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.align4j.AlignException;
import org.align4j.Words;
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
    private long read;
    private long left;
    private long written;

    /** @param scope which judgements become one */
    public Converter(Conversion conversion, Merging.Scope scope, OnBadRow onBadRow) {
        this.conversion = conversion;
        this.merging = new Merging(scope);
        this.merges = scope != Merging.Scope.NONE;
        this.onBadRow = onBadRow;
    }

    /**
     * Refuses an output that is read, too: whoever finds the new rows wrong would have lost the old ones.
     *
     * @throws AlignException naming it
     */
    public static void requireOther(List<Path> data, Path output) {
        for (Path source : data) {
            for (Path file : DataFiles.of(source)) {
                if (isSame(file, output)) {
                    throw AlignException.usage(
                            output + ": this is the data to convert, which would be lost; name another output");
                }
            }
        }
    }

    private static boolean isSame(Path file, Path output) {
        try {
            return Files.exists(output) && Files.isSameFile(file, output);
        } catch (IOException e) {
            return false; // reading or writing will tell
        }
    }

    /**
     * Converts everything that some paths mean. The stream is closed.
     *
     * @return what happened, a sentence each
     * @throws AlignException as {@link RankingReader#read} does, and if no row is left
     */
    public List<String> convert(List<Path> data, RowFormat format, OutputStream out) throws IOException {
        List<String> lines = new ArrayList<>();
        List<Example> rankings;
        try (RowWriter writer = format.open(out)) {
            for (Path each : data) {
                BadRows bad = JsonRows.read(
                        each,
                        onBadRow,
                        (row, source) -> rows(Forms.any(new Fields(row, source))),
                        rows -> write(rows, writer));
                lines.addAll(bad.summary());
                left += bad.total();
            }
            rankings = merging.merged();
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
        if (merges) {
            lines.add("%s merged into %s"
                    .formatted(
                            Words.count(judgements, "judgement was", "judgements were"),
                            Words.count(rankings.size(), "ranking")));
            agreement.found().ifPresent(found -> lines.add(found.toString()));
            if (!merging.differing().isEmpty()) {
                lines.add("columns left out, in which judgements of one ranking differ: "
                        + String.join(", ", merging.differing()));
            }
        }
        lines.addAll(badAfterMerging.result().summary());
        lines.addAll(conversion.losses(merging.differing()));
        if (written == 0) {
            throw AlignException.badInput("%s: nothing of it has a place in the new type: %s"
                    .formatted(
                            data.stream().map(Path::toString).collect(Collectors.joining(", ")),
                            String.join("; ", lines)));
        }
        lines.add("%s read, %,d written".formatted(Words.count(read + left, "row"), written));
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
