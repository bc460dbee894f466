package org.align4j.data;

import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.ZipException;
import org.align4j.AlignException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Streams the rows of files: JSONL (an object a line, blank lines allowed) or one JSON array of objects, plain or
 * compressed, or tables ({@link DataFiles}). Text is UTF-8, with or without a byte order mark.
 */
final class JsonRows {
    /** Rows above this size in bytes are bad: no sane example is, and a missing line end must not eat the memory. */
    static final int MAX_ROW_BYTES = 64 << 20;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // Python writes NaN, which JSON does not know: harmless in a column that is not read, and
                    // a message of its own in one that is.
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MAX_ROW_BYTES)
                            .build())
                    .build())
            .build();

    private static final String EXPECTED =
            "expected a JSON object such as {\"prompt\": …, \"chosen\": …, \"rejected\": …}";

    private JsonRows() {}

    /** Makes something of a row. */
    interface Parser<T> {
        T parse(JsonNode object, Source source) throws BadRowException;
    }

    /**
     * Reads a file and hands on each good row as soon as it is read.
     *
     * @return the rows that were left out; none under {@link OnBadRow#FAIL}
     * @throws AlignException if the file is missing, damaged or without a single good row, or at the first bad row under
     *     {@link OnBadRow#FAIL}
     */
    static <T> BadRows read(Path path, OnBadRow onBadRow, Parser<T> parser, Consumer<? super T> consumer) {
        BadRows.Counter bad = new BadRows.Counter();
        long good = 0;
        for (Path file : DataFiles.of(path)) {
            good += readFile(file, onBadRow, parser, consumer, bad);
        }
        BadRows left = bad.result();
        if (good == 0 && left.total() == 0) {
            throw AlignException.badInput(
                    path
                            + ": there are no rows, expected one JSON object a line, or lines below the names of columns; check how the file was written");
        }
        if (good == 0) {
            String first = left.groups().get(0).first();
            throw AlignException.badInput(
                    left.total() == 1
                            ? "%s: its only row is bad: %s".formatted(path, first)
                            : "%s: all %,d rows are bad, the first: %s".formatted(path, left.total(), first));
        }
        return left;
    }

    private static <T> long readFile(
            Path file, OnBadRow onBadRow, Parser<T> parser, Consumer<? super T> consumer, BadRows.Counter bad) {
        long good = 0;
        try (RawRows rows = DataFiles.open(file)) {
            try {
                while (true) {
                    try {
                        RawRows.Raw raw = rows.next();
                        if (raw == null) {
                            break;
                        }
                        consumer.accept(parser.parse(object(raw, file), new Source(file.toString(), raw.row())));
                        good++;
                    } catch (BadRowException e) {
                        if (onBadRow == OnBadRow.FAIL) {
                            throw AlignException.badInput(
                                    e.getMessage() + "; correct the row, or skip bad rows (on_bad_row: skip)", e);
                        }
                        bad.add(e);
                    }
                }
            } catch (EOFException | ZipException | ZstdIOException e) {
                throw AlignException.badInput(
                        "%s: the gzip or Zstandard data is damaged or cut off after row %,d (%s); copy or download the file again"
                                .formatted(file, rows.row(), e.getMessage()),
                        e);
            } catch (RawRows.Damaged e) {
                throw AlignException.badInput(file + ": " + e.getMessage() + "; write the file again", e);
            }
        } catch (IOException e) {
            throw AlignException.failure(file + ": reading failed: " + e, e);
        }
        return good;
    }

    private static JsonNode object(RawRows.Raw raw, Path file) throws BadRowException {
        Source source = new Source(file.toString(), raw.row());
        if (raw.bytes() == null) {
            throw tooLong(source, raw.size());
        }
        String text = decode(raw.bytes(), source);
        JsonNode row;
        try {
            row = JSON.readTree(text);
        } catch (JacksonException e) {
            String problem = JsonProblem.of(e);
            if (problem.startsWith("Duplicate")) {
                throw new BadRowException(
                        BadRows.Reason.DUPLICATE_FIELD, source, problem + ", expected each field once");
            }
            if (!text.stripLeading().startsWith("{")) {
                throw new BadRowException(
                        BadRows.Reason.BROKEN_JSON,
                        source,
                        "found %s, which is no JSON, %s, or of a text {\"text\": …}"
                                .formatted(BadRowException.quote(text), EXPECTED));
            }
            int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
            throw new BadRowException(
                    BadRows.Reason.BROKEN_JSON,
                    source,
                    "broken JSON at column %d: %s; expected one whole JSON object on each line, or a list of such,"
                                    .formatted(column, problem)
                            + " [{…}, {…}], over any lines");
        }
        if (!row.isObject()) {
            throw new BadRowException(
                    BadRows.Reason.NOT_AN_OBJECT, source, "found %s, %s".formatted(Fields.kind(row), EXPECTED));
        }
        return row;
    }

    static BadRowException tooLong(Source source, long size) {
        return new BadRowException(
                BadRows.Reason.TOO_LONG,
                source,
                "the row has %,d bytes, expected at most %,d; is a line end missing?".formatted(size, MAX_ROW_BYTES));
    }

    static String decode(byte[] bytes, Source source) throws BadRowException {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(input).toString(); // reports, never replaces
        } catch (CharacterCodingException e) {
            throw new BadRowException(
                    BadRows.Reason.MALFORMED_TEXT,
                    source,
                    "byte %d of the row (0x%02x) is not UTF-8; save the file as UTF-8"
                            .formatted(input.position() + 1, input.get(input.position())));
        }
    }
}
