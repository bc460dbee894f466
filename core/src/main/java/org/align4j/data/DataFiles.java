package org.align4j.data;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
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
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            in.mark(4);
            byte[] magic = in.readNBytes(4);
            in.reset();
            if (Arrays.equals(magic, new byte[] {'P', 'A', 'R', '1'})) {
                in.close();
                return TableRows.parquet(file);
            }
            if (ending(file).equals("csv") || ending(file).equals("tsv")) {
                in.close();
                return TableRows.csv(file, ending(file).equals("csv") ? ',' : '\t');
            }
            return new RowSplitter(decompressed(in, magic), JsonRows.MAX_ROW_BYTES);
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

    private static InputStream decompressed(InputStream in, byte[] magic) throws IOException {
        if (magic.length >= 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b) {
            return new GZIPInputStream(in, 1 << 16);
        }
        if (Arrays.equals(magic, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd})) {
            return new ZstdInputStream(in);
        }
        return in;
    }
}
