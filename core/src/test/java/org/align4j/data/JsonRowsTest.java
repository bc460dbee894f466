package org.align4j.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.align4j.AlignException;
import org.align4j.data.BadRows.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How files become rows; read as prompts, the smallest rows. */
class JsonRowsTest {
    @TempDir
    private Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("rows.any"), bytes);
    }

    private Path write(String text) throws IOException {
        return write(text.getBytes(UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    /** The prompts with their line or element numbers, such as {@code 3:text}. */
    private static List<String> read(Path file) {
        List<String> rows = new ArrayList<>();
        PromptReader.read(
                file,
                OnBadRow.FAIL,
                Chats.NONE,
                prompt -> rows.add(prompt.source().line() + ":" + prompt.text()));
        return rows;
    }

    private static void assertError(Path file, String message) {
        for (OnBadRow onBadRow : OnBadRow.values()) {
            assertThatExceptionOfType(AlignException.class)
                    .isThrownBy(() -> PromptReader.readAll(file, onBadRow))
                    .withMessage(file + message);
        }
    }

    @Test
    void linesWithBlankOnesAnyLineEndAndNoneAtTheEnd() throws IOException {
        assertThat(read(write("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}"))).containsExactly("1:a", "2:b");
        assertThat(read(write("\n \t\r\n{\"prompt\":\"a\"}\r\n\r\n{\"prompt\":\"b\"}\n\n")))
                .containsExactly("3:a", "5:b");
    }

    @Test
    void arraysWrittenInAnyWay() throws IOException {
        assertThat(read(write("[{\"prompt\":\"a\"},{\"prompt\":\"b\"}]"))).containsExactly("1:a", "2:b");
        assertThat(
                        read(
                                write(
                                        "\n [\n  {\n    \"prompt\": \"],[{ \\\" \\\\\",\n \"x\": [[1], {}]\n  } , {\"prompt\":\"b\"}\n]\n")))
                .containsExactly("1:],[{ \" \\", "2:b");
    }

    @Test
    void aByteOrderMarkIsPassedOver() throws IOException {
        assertThat(read(write("\uFEFF{\"prompt\":\"é😀\"}\n"))).containsExactly("1:é😀");
        assertThat(read(write("\uFEFF[{\"prompt\":\"a\"}]"))).containsExactly("1:a");
    }

    @Test
    void gzipIsKnownByItsContentNotByItsName() throws IOException {
        assertThat(read(write(gzip("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n"))))
                .containsExactly("1:a", "2:b");
        assertThat(read(write(gzip("[{\"prompt\":\"a\"}]")))).containsExactly("1:a");
        Path named = folder.resolve("plain.jsonl.gz");
        assertThat(read(Files.writeString(named, "{\"prompt\":\"a\"}"))).containsExactly("1:a");
    }

    @Test
    void rowsLongerThanTheBuffersComeThroughWhole() throws IOException {
        String text = "wörd ".repeat(60_000);
        Path file = write("{\"prompt\":\"a\"}\n{\"prompt\":\"" + text + "\"}\n{\"prompt\":\"b\"}");
        assertThat(read(file)).containsExactly("1:a", "2:" + text, "3:b");
    }

    @Test
    void oneBrokenRowCostsOneRow() throws IOException {
        byte[] notUtf8 = "{\"prompt\":\"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("{\"prompt\":\"a\"}\n".getBytes(UTF_8));
        bytes.write(notUtf8);
        bytes.write("{\"prompt\":\"b\"\n{\"prompt\":\"c\"} {}\n{\"prompt\":\"d\"}\n".getBytes(UTF_8));
        Path file = write(bytes.toByteArray());

        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);

        assertThat(rows.rows()).extracting(Prompt::text).containsExactly("a", "d");
        assertThat(rows.bad().groups())
                .extracting(BadRows.Group::reason, BadRows.Group::rows)
                .containsExactly(tuple(Reason.MALFORMED_TEXT, 1L), tuple(Reason.BROKEN_JSON, 2L));
        assertThat(rows.bad().groups().get(0).first())
                .isEqualTo(file + ":2: byte 15 of the row (0xe9) is not UTF-8; save the file as UTF-8");
        assertThat(rows.bad().groups().get(1).first())
                .isEqualTo(file
                        + ":3: broken JSON at column 14: it ends too early; expected one whole JSON object on each line, or a list of"
                        + " such, [{…}, {…}], over any lines");
    }

    @Test
    void oneBrokenElementCostsOneElement() throws IOException {
        Path file = write("[{\"prompt\":\"a\"}, {\"prompt\" \"b\"}, 7, , {\"prompt\":\"c\"}]");
        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);
        assertThat(rows.rows()).extracting(Prompt::text).containsExactly("a", "c");
        assertThat(rows.rows().get(1).source().line()).isEqualTo(5);
        assertThat(rows.bad().groups())
                .extracting(BadRows.Group::reason)
                .containsExactly(Reason.BROKEN_JSON, Reason.NOT_AN_OBJECT);
        assertThat(rows.bad().total()).isEqualTo(3);
    }

    @Test
    void aRowAboveTheLimitIsPassedOverWithoutBeingKept() throws IOException {
        String text = "short\n" + "x".repeat(100) + "\nlast\n";
        RowSplitter rows = new RowSplitter(new ByteArrayInputStream(text.getBytes(UTF_8)), 10);
        assertThat(new String(rows.next().bytes(), UTF_8)).isEqualTo("short");
        RowSplitter.Raw tooLong = rows.next();
        assertThat(tooLong.bytes()).isNull();
        assertThat(tooLong.size()).isEqualTo(100);
        assertThat(tooLong.row()).isEqualTo(2);
        assertThat(new String(rows.next().bytes(), UTF_8)).isEqualTo("last");
        assertThat(rows.next()).isNull();
    }

    @Test
    void aRowAboveTheLimitIsABadRow() throws IOException {
        byte[] bytes = new byte[JsonRows.MAX_ROW_BYTES + 1];
        Arrays.fill(bytes, (byte) 'x');
        Path file = write(bytes);
        Files.writeString(file, "\n{\"prompt\":\"a\"}", StandardOpenOption.APPEND);
        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);
        assertThat(rows.rows()).containsExactly(new Prompt("a", false, new Source(file.toString(), 2)));
        assertThat(rows.bad().groups())
                .containsExactly(
                        new BadRows.Group(
                                Reason.TOO_LONG,
                                1,
                                file
                                        + ":1: the row has 67,108,865 bytes, expected at most 67,108,864; is a line end missing?"));
    }

    @Test
    void nestingThatWouldBreakTheParserIsBrokenJson() throws IOException {
        Path file = write("{\"prompt\":\"a\"}\n{\"prompt\":" + "[".repeat(100_000) + "\n");
        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);
        assertThat(rows.bad().groups()).extracting(BadRows.Group::reason).containsExactly(Reason.BROKEN_JSON);
    }

    @Test
    void damageToAFileIsAnErrorWhateverIsDoneWithBadRows() throws IOException {
        assertError(
                folder.resolve("absent"),
                ": there is no such file, expected JSONL, JSON, CSV, TSV or Parquet; check the path");
        assertError(
                folder,
                ": there are no data files in this folder, expected JSONL, JSON, CSV, TSV or Parquet; name another");
        String empty =
                ": there are no rows, expected one JSON object a line, or lines below the names of columns; check how the file was written";
        assertError(write(""), empty);
        assertError(write("\uFEFF\n \n"), empty);
        assertError(write(" [ ] "), empty);
        assertError(write(gzip("")), empty);
        assertError(
                write("[{\"prompt\":\"a\"}, {\"prompt\":"),
                ": the JSON array is not closed: the file ends after 1 whole element; write the file again");
        assertError(
                write("[{\"prompt\":\"a\"}] {}"),
                ": there is more text after the end of the JSON array, expected one array in a file; write the file again");
        assertError(
                write(new byte[] {(byte) 0xEF, 'x', 'y'}),
                ": the file begins with bytes that are not UTF-8; write the file again");
    }

    @Test
    void aFileOfBadRowsOnlyIsAnErrorEvenWhereTheyAreSkipped() throws IOException {
        Path file = write("{\"promt\":\"a\"}\n{\"promt\":\"b\"}\n");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> PromptReader.readAll(file, OnBadRow.SKIP))
                .withMessage(
                        "%s: all 2 rows are bad, the first: %s:1: field `prompt` is missing, found: promt; rename or"
                                + " add the column",
                        file, file);
    }

    @Test
    void truncatedGzipNamesTheLastWholeRow() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            text.append("{\"prompt\":\"").append(Integer.toHexString(i * 7919)).append("\"}\n");
        }
        byte[] whole = gzip(text.toString());
        Path file = write(Arrays.copyOf(whole, whole.length / 2));
        List<Long> seen = new ArrayList<>();
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> PromptReader.read(
                        file,
                        OnBadRow.SKIP,
                        Chats.NONE,
                        prompt -> seen.add(prompt.source().line())))
                .satisfies(e -> assertThat(e)
                        .hasMessage(
                                "%s: the gzip or Zstandard data is damaged or cut off after row %,d (Unexpected end of ZLIB input"
                                        + " stream); copy or download the file again",
                                file, seen.size()));
        assertThat(seen.size()).isBetween(1000, 4000);

        assertError(
                write(Arrays.copyOf(whole, 6)),
                ": the gzip or Zstandard data is damaged or cut off at its start; copy or download the file again");
        whole[whole.length - 6] ^= 1; // the checksum
        assertError(
                write(whole),
                ": the gzip or Zstandard data is damaged or cut off after row 5,000 (Corrupt GZIP trailer); copy or download the file"
                        + " again");
    }
}
