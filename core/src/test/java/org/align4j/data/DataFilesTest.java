package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.align4j.AlignException;
import org.align4j.text.ChatTemplate;
import org.align4j.text.SharedData;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
    private static final String CSV =
            "prompt,chosen,rejected,other\r\n\"2+2=\",\" \"\"4\"\"\r\n\", 5,\r\n\"1+1=\",2,3,x\r\n";

    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (OutputStream plain = Files.newOutputStream(file);
                OutputStream out = name.endsWith(".gz")
                        ? new GZIPOutputStream(plain)
                        : name.endsWith(".zst") ? new ZstdOutputStream(plain) : plain) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private Path parquet(String name, String query) throws SQLException {
        Path file = folder.resolve(name);
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new java.util.Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    private static List<String> read(Path path) {
        return RankingReader.readAll(path, OnBadRow.FAIL).rows().stream()
                .map(r -> r.prompt() + "|" + r.completions().get(0).text() + "|"
                        + r.completions().get(1).text())
                .toList();
    }

    @Test
    void tablesAreReadWithQuotesLineEndsAndCompression() throws IOException {
        for (String name : List.of("a.csv", "a.CSV.gz", "a.csv.zst")) {
            assertThat(read(write(name, CSV))).containsExactly("2+2=| \"4\"\r\n| 5", "1+1=|2|3");
        }
        assertThat(read(write("a.tsv", "prompt\tchosen\trejected\na,b\tc\td\n")))
                .containsExactly("a,b|c|d");
    }

    @Test
    void cellsThatMayHoldListsAreReadAsJson() throws IOException {
        Path file = write(
                "k.csv",
                "prompt,completions,scores\n[1] {x},\"[\"\"a\"\",\"\"b\"\"]\",\"[1,2.5]\"\n{,\"[\"\"a\"\",\"\"b\"\"]\",\"[1,0]\"\n");
        List<Ranking> rankings = RankingReader.readAll(file, OnBadRow.FAIL).rows();
        assertThat(rankings).extracting(Ranking::prompt).containsExactly("[1] {x}", "{");
        assertThat(rankings.get(0).completions())
                .extracting(Ranking.Completion::tier)
                .containsExactly(1, 0);

        ChatTemplate template = ChatTemplate.of("{{ messages[-1].content }}", Map.of(), "test");
        Path chat = write(
                "c.csv",
                "prompt,chosen,rejected\n\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"hi\"\"}]\",yo,no\n");
        Ranking ranking = RankingReader.readAll(chat, OnBadRow.FAIL, Chats.of(() -> template))
                .rows()
                .get(0);
        assertThat(ranking.rendered()).isTrue();
        assertThat(ranking.prompt()).isEqualTo("hi");
    }

    @Test
    void parquetKeepsListsAndStructures() throws Exception {
        Path file = parquet(
                "p.parquet",
                "SELECT [{'role': 'user', 'content': 'é 😀'}] AS prompt, ['a', 'b'] AS completions, [0.5, 2] AS scores"
                        + " UNION ALL SELECT [{'role': 'user', 'content': NULL}], ['c', 'd'], [1, 0]");
        ChatTemplate template =
                ChatTemplate.of("{{ messages | map(attribute='content') | join('>') }}", Map.of(), "test");
        List<Ranking> rankings = RankingReader.readAll(file, OnBadRow.FAIL, Chats.of(() -> template))
                .rows();
        assertThat(rankings.get(0).prompt()).isEqualTo("é 😀");
        assertThat(rankings.get(0).completions())
                .containsExactly(new Ranking.Completion("é 😀>a", 1, 0.5), new Ranking.Completion("é 😀>b", 0, 2));
        assertThat(rankings.get(1).source()).isEqualTo(new Source(file.toString(), 2));
    }

    @Test
    void foldersAndPatternsAreReadInTheOrderOfNames() throws Exception {
        String row = "{\"prompt\":\"%s\",\"chosen\":\"x\",\"rejected\":\"y\"}\n";
        write("data/train-2.jsonl", row.formatted("two"));
        write("data/train-1.jsonl.zst", row.formatted("one"));
        write("data/test-1.jsonl.gz", row.formatted("test"));
        write("data/.hidden/x.jsonl", "broken");
        write("data/dataset_info.json", "{}");
        write("data/README.md", "read me");
        assertThat(read(folder.resolve("data"))).containsExactly("test|x|y", "one|x|y", "two|x|y");
        assertThat(read(folder.resolve("data/train-*"))).containsExactly("one|x|y", "two|x|y");
        assertThat(read(folder.resolve("*/t[er]*-1.*"))).containsExactly("test|x|y", "one|x|y");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read(folder.resolve("data/none-*")))
                .withMessageContaining("data/none-*: no file matches this pattern");
    }

    @Test
    void badRowsOfTablesAreNamedByTheirNumber() throws IOException {
        Path file = write("a.csv", "prompt,chosen,rejected\na,b,c\na,,c\n");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read(file))
                .withMessageStartingWith(file + ":3: field `chosen` is missing");
    }

    /** The prompts with their lines. */
    private static List<String> lines(Rows<Prompt> rows) {
        return rows.rows().stream()
                .map(prompt -> prompt.source().line() + ":" + prompt.text())
                .toList();
    }

    /** As people write it: without quoting, where quotes are text; or as CSV with tabs. */
    @Test
    void quotesThatEncloseNoCellAreTextInTsv() throws IOException {
        Path file = write(
                "a.tsv.gz",
                "id\tprompt\n1\t\"Fool for Love\" is one\n2\t\"unclosed\n3\ta \"b\" c\n4\t\"a\tb\n\nsaid \"\"c\"\"\"\n5\te\r\n6\t\"\n");
        assertThat(lines(PromptReader.readAll(file, OnBadRow.FAIL)))
                .containsExactly(
                        "2:\"Fool for Love\" is one",
                        "3:\"unclosed",
                        "4:a \"b\" c",
                        "5:a\tb\n\nsaid \"c\"",
                        "8:e",
                        "9:\"");
    }

    @Test
    void aBrokenRowOfATableCostsOneLine() throws IOException {
        Path file = write("a.csv", "\uFEFFprompt,other\na,b\n\"c\" d,e\nf\ng,h,i\n\"j\nk\",\"\"\n\nl,\"m\nn,o\n");
        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);
        assertThat(lines(rows)).containsExactly("2:a", "6:j\nk", "10:n");
        assertThat(rows.bad().groups())
                .containsExactly(
                        new BadRows.Group(
                                BadRows.Reason.BROKEN_TABLE,
                                4,
                                file
                                        + ":3: cell 1 goes on after its closing quote with \" d,e\"; double quotes within a cell: \"\""));
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> PromptReader.readAll(write("b.csv", "prompt,other\na\n"), OnBadRow.FAIL))
                .withMessage(
                        "%s:2: the row has 1 cell, expected 2 as in the first line (prompt, other); put a cell with commas in"
                                + " quotes; correct the row, or skip bad rows (on_bad_row: skip)",
                        folder.resolve("b.csv"));
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> PromptReader.readAll(write("c.tsv", "prompt\tprompt\na\tb\n"), OnBadRow.SKIP))
                .withMessageContaining("the first line names the column `prompt` twice, expected each once");
    }

    @Test
    void bytesThatAreNoTextCostOneLineOfATable() throws IOException {
        Path file = folder.resolve("latin.csv");
        Files.write(file, "prompt\nb\nn\u00e9\n\"d\n\u00e9\"\ne\n".getBytes(StandardCharsets.ISO_8859_1));
        Rows<Prompt> rows = PromptReader.readAll(file, OnBadRow.SKIP);
        assertThat(lines(rows)).containsExactly("2:b", "6:e");
        assertThat(rows.bad().groups())
                .containsExactly(new BadRows.Group(
                        BadRows.Reason.MALFORMED_TEXT,
                        3,
                        file + ":3: byte 2 of the row (0xe9) is not UTF-8; save the file as UTF-8"));
    }

    /** Reviews without quoting, of which 48 begin with a quotation mark. */
    @Test
    void realTsvIsReadRowByRow() {
        Path file = SharedData.require("text/imdb/test_small.tsv.gz");
        int[] quoted = {0};
        BadRows bad = Examples.read(file, OnBadRow.FAIL, Chats.NONE, seen -> {
            assertThat(seen.example().fields().row().size()).isEqualTo(4);
            quoted[0] += seen.ranking().completions().get(0).text().startsWith("\"") ? 1 : 0;
        });
        assertThat(bad.total()).isZero();
        assertThat(quoted[0]).isEqualTo(48);
    }

    @Test
    void otherFilesAreSaidToBeWhatTheyAre() throws IOException {
        refused(
                write("a.xlsx", "PK\3\4..."),
                "this is an Excel workbook, expected JSONL, JSON, CSV, TSV or Parquet; save its");
        refused(write("a.json", "PK\3\4..."), "this is a zip archive, ");
        refused(write("a.parquet", "{\"prompt\":\"a\"}"), "this is no Parquet file: it does not begin with PAR1, ");
        refused(write("data-0.arrow", "...."), "this is an Arrow file, ");
        refused(write("a.bz2", "BZh91"), "this is compressed by bzip2 or xz, ");
        refused(
                write("a.txt", "Once upon a time\nthere was"),
                "all 2 rows are bad, the first: " + folder.resolve("a.txt")
                        + ":1: found \"Once upon a time\", which is no JSON, expected a JSON object such as {");
    }

    private static void refused(Path file, String message) {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> PromptReader.readAll(file, OnBadRow.SKIP))
                .withMessageStartingWith(file + ": " + message);
    }

    @Test
    void damagedTablesAreErrors() throws Exception {
        Path whole =
                parquet("w.parquet", "SELECT 'p' AS prompt, 'c' || i AS chosen, 'r' AS rejected FROM range(9999) t(i)");
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = folder.resolve("cut.parquet");
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 20));
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read(cut))
                .withMessageStartingWith(cut + ": this is no readable Parquet after row 0: ")
                .withMessageEndingWith("; write or download the file again");

        Path csv = write("a.csv", "prompt,chosen,rejected\na,b,c\na,\"b,c\n");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read(csv))
                .withMessageStartingWith(csv + ":3: the quote that begins cell 2 is not closed; ");

        byte[] packed = Files.readAllBytes(
                write("z.jsonl.zst", "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n".repeat(999)));
        Path half = folder.resolve("half.jsonl.zst");
        Files.write(half, Arrays.copyOf(packed, packed.length / 2));
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read(half))
                .withMessageContaining("the gzip or Zstandard data is damaged or cut off");
    }
}
