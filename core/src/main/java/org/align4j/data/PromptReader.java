package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;

/**
 * Reads prompts to generate from: the field {@code prompt}, or what {@code chosen} and {@code rejected} have in common.
 * Files are those of {@link RankingReader}.
 */
public final class PromptReader {
    private PromptReader() {}

    /**
     * Streams a file, as {@link RankingReader#read} does.
     *
     * @throws AlignException if the file is missing, damaged or without a single good row, or at the first bad row under
     *     {@link OnBadRow#FAIL}
     */
    public static BadRows read(Path file, OnBadRow onBadRow, Consumer<? super Prompt> consumer) {
        return JsonRows.read(file, onBadRow, PromptReader::parse, consumer);
    }

    /** Reads a whole file into memory. Errors are those of {@link #read}. */
    public static Rows<Prompt> readAll(Path file, OnBadRow onBadRow) {
        List<Prompt> prompts = new ArrayList<>();
        BadRows bad = read(file, onBadRow, prompts::add);
        return new Rows<>(prompts, bad);
    }

    private static Prompt parse(JsonNode row, Source source) throws BadRowException {
        Fields fields = new Fields(row, source);
        if (!fields.has("prompt") && fields.has("chosen")) {
            return new Prompt(RankingReader.pair(fields).prompt(), source);
        }
        return new Prompt(fields.text("prompt"), source);
    }
}
