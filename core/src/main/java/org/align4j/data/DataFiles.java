package org.align4j.data;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.align4j.AlignException;

/**
 * Finds data files and opens them by what they are. Parquet, gzip and Zstandard are known by their first bytes; CSV and
 * TSV by their names ({@code .csv}, {@code .tsv}, also with {@code .gz} or {@code .zst}); all else is JSON.
 */
final class DataFiles {
    private static final Set<String> ENDINGS = Set.of("jsonl", "ndjson", "json", "csv", "tsv", "parquet");
    /** What lies beside rows, or in the folder of a model that was named by mistake. */
    private static final Set<String> NOT_ROWS = Set.of(
            "dataset_info.json",
            "dataset_infos.json",
            "state.json",
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "model.safetensors.index.json");

    private static final String EXPECTED = "expected JSONL, JSON, CSV, TSV or Parquet";

    private DataFiles() {}

    /**
     * The files that a path means, in the order of their names: itself; all data files in a folder and below, hidden ones
     * left out; or all that match a pattern such as {@code data/train-*.parquet}.
     */
    static List<Path> of(Path path) {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        List<Path> found;
        if (Files.isDirectory(path)) {
            found = below(path, file -> ENDINGS.contains(ending(file)));
            if (found.isEmpty()) {
                throw AlignException.usage(
                        path + ": there are no data files in this folder, " + EXPECTED + "; name another");
            }
            return found;
        }
        if (Files.exists(path)) {
            return List.of(path); // a pipe or the like
        }
        int firstPattern = 0;
        while (firstPattern < path.getNameCount() && !isPattern(path.getName(firstPattern))) {
            firstPattern++;
        }
        if (firstPattern == path.getNameCount()) {
            throw AlignException.usage(
                    path + ": there is no such file, " + EXPECTED + "; check the path" + hubHint(path));
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
        Path start = firstPattern == 0
                ? path.isAbsolute() ? path.getRoot() : Path.of("")
                : path.isAbsolute()
                        ? path.getRoot().resolve(path.subpath(0, firstPattern))
                        : path.subpath(0, firstPattern);
        found = Files.isDirectory(start) ? below(start, matcher::matches) : List.of();
        if (found.isEmpty()) {
            throw AlignException.usage(path + ": no file matches this pattern; check the path" + hubHint(path));
        }
        return found;
    }

    /** What people write for datasets on a hub has the form of a path. */
    private static String hubHint(Path path) {
        boolean name = !path.isAbsolute()
                && path.getNameCount() >= 2
                && !Files.exists(path.getName(0))
                && !ENDINGS.contains(ending(path))
                && path.subpath(0, 2).toString().matches("[\\w.-]+/[\\w.-]+");
        return name ? ", or write hub:" + path + " if it is a dataset on a hub" : "";
    }

    private static boolean isPattern(Path name) {
        return name.toString().matches(".*[*?\\[{].*");
    }

    private static List<Path> below(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !isHidden(folder, file))
                    .filter(file -> !NOT_ROWS.contains(file.getFileName().toString()))
                    .filter(wanted)
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw AlignException.failure(folder + ": reading the folder failed: " + e, e);
        }
    }

    private static boolean isHidden(Path folder, Path file) {
        for (Path part : folder.relativize(file)) {
            if (part.toString().startsWith(".") && !part.toString().equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** The ending of a name without that of its compression, in lower case. */
    private static String ending(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        name = name.replaceFirst("\\.(gz|zst)$", "");
        return name.substring(name.lastIndexOf('.') + 1);
    }

    static RawRows open(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw AlignException.failure(file + ": may not be read; change its permissions");
        }
        // Not of Files, which asks a pipe where it stands.
        InputStream in = new BufferedInputStream(new FileInputStream(file.toFile()));
        try {
            in.mark(6);
            byte[] start = in.readNBytes(6);
            in.reset();
            refuseOthers(file, start);
            if (begins(start, "PAR1")) {
                in.close();
                return ParquetRows.open(file);
            }
            InputStream text = decompressed(in, start);
            return switch (ending(file)) {
                case "csv" -> new DelimitedRows(file, text, ',');
                case "tsv" -> new DelimitedRows(file, text, '\t');
                default -> new RowSplitter(text, JsonRows.MAX_ROW_BYTES);
            };
        } catch (EOFException | ZipException | ZstdIOException e) {
            in.close();
            throw AlignException.badInput(
                    file
                            + ": the gzip or Zstandard data is damaged or cut off at its start; copy or download the file again",
                    e);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** What people have and is no such file. */
    private static void refuseOthers(Path file, byte[] start) {
        String found = "";
        String remedy = "write it as one of these";
        if (begins(start, "PK\3\4")) {
            boolean excel = ending(file).equals("xlsx");
            found = excel ? "an Excel workbook" : "a zip archive";
            remedy = excel ? "save its table as CSV" : "unpack it";
        } else if (begins(start, "ARROW1") || ending(file).equals("arrow")) {
            found = "an Arrow file";
            remedy = "write it as Parquet (to_parquet in Python's datasets)";
        } else if (begins(start, "BZh") || begins(start, "\u00FD7zXZ")) {
            found = "compressed by bzip2 or xz";
            remedy = "unpack it, or compress it as .gz or .zst";
        } else if (ending(file).equals("parquet") && !begins(start, "PAR1")) {
            found = "no Parquet file: it does not begin with PAR1";
            remedy = "give it the name of what it is, or download it again";
        }
        if (!found.isEmpty()) {
            throw AlignException.badInput("%s: this is %s, %s; %s".formatted(file, found, EXPECTED, remedy));
        }
    }

    private static boolean begins(byte[] start, String magic) {
        return new String(start, StandardCharsets.ISO_8859_1).startsWith(magic);
    }

    private static InputStream decompressed(InputStream in, byte[] start) throws IOException {
        if (begins(start, "\u001F\u008B")) {
            return new GZIPInputStream(in, 1 << 16);
        }
        return begins(start, "(\u00B5/\u00FD") ? new ZstdInputStream(in) : in;
    }
}
