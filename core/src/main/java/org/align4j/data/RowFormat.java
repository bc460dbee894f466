package org.align4j.data;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.align4j.AlignException;

/**
 * How a file of rows is written, by its name: {@code .jsonl}, {@code .json}, {@code .csv}, {@code .tsv}, all of them also with
 * {@code .gz} or {@code .zst}, and {@code .parquet}.
 */
public record RowFormat(Kind kind, Compression compression) {

    /** What rows become. */
    public enum Kind {
        JSONL,
        JSON,
        CSV,
        TSV,
        PARQUET
    }

    /** What becomes of that. */
    public enum Compression {
        NONE,
        GZ,
        ZST
    }

    /** @throws AlignException if the name ends otherwise */
    public static RowFormat of(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        Compression compression = Compression.NONE;
        for (Compression each : List.of(Compression.GZ, Compression.ZST)) {
            String ending = "." + each.name().toLowerCase(Locale.ROOT);
            if (name.endsWith(ending)) {
                compression = each;
                name = name.substring(0, name.length() - ending.length());
            }
        }
        for (Kind kind : Kind.values()) {
            boolean compressesItself = kind == Kind.PARQUET && compression != Compression.NONE;
            if (name.endsWith("." + kind.name().toLowerCase(Locale.ROOT)) && !compressesItself) {
                return new RowFormat(kind, compression);
            }
        }
        throw AlignException.usage(file
                + ": the name says no format, expected .jsonl, .json, .csv or .tsv, perhaps with .gz or .zst, or .parquet;"
                + " name the file so");
    }

    /** @param out is closed with the result */
    RowWriter open(OutputStream out) throws IOException {
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        OutputStream packed = switch (compression) {
            case NONE -> buffered;
            case GZ -> new GZIPOutputStream(buffered, 1 << 16);
            case ZST -> new ZstdOutputStream(buffered);
        };
        return switch (kind) {
            case JSONL -> RowWriter.jsonLines(packed);
            case JSON -> RowWriter.jsonArray(packed);
            case CSV, TSV, PARQUET -> new TableWriter(kind, packed);
        };
    }
}
