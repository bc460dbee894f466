package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads prompts to generate from: the field {@code prompt} (a text or messages), Alpaca's {@code instruction}, the
 * {@code messages} or {@code conversations} up to an answer at their end, or what {@code chosen} and {@code rejected}
 * have in common. Files are those of {@link RankingReader}.
 */
public final class PromptReader {
    private PromptReader() {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Prompt> consumer) {
        return JsonRows.read(
                file,
                onBadRow,
                (row, source) -> Forms.prompt(new Fields(row, source)).prompt(chats),
                consumer);
    }

    /** Reads a whole file into memory. Errors are those of {@link #read}. */
    public static Rows<Prompt> readAll(Path file, OnBadRow onBadRow, Chats chats) {
        List<Prompt> prompts = new ArrayList<>();
        BadRows bad = read(file, onBadRow, chats, prompts::add);
        return new Rows<>(prompts, bad);
    }

    /** Reads a file without conversations. */
    public static Rows<Prompt> readAll(Path file, OnBadRow onBadRow) {
        return readAll(file, onBadRow, Chats.NONE);
    }
}
