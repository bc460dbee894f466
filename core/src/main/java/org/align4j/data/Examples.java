package org.align4j.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Reads rows of any type, each judged by its own fields. Files are those of {@link RankingReader}. */
public final class Examples {
    private static final Reshaping WHOLE = new Reshaping(PairChoice.ALL, loss -> {});

    private Examples() {}

    /**
     * A row and how a model sees it.
     *
     * @param example with the steps of an answer as the answer they make
     * @param prompt without any answer
     * @param ranking null if there is nothing but a prompt
     */
    public record Seen(Example example, Prompt prompt, Ranking ranking) {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Seen> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> seen(new Fields(row, source), chats), consumer);
    }

    private static Seen seen(Fields fields, Chats chats) throws BadRowException {
        Example example = Forms.any(fields);
        List<Example> whole = example.kind() == Example.Kind.STEPS ? WHOLE.labelled(example) : List.of(example);
        if (example.answers().isEmpty()) {
            return new Seen(example, example.prompt(chats), null);
        }
        Ranking ranking = whole.get(0).ranking(chats);
        return new Seen(example, new Prompt(ranking.prompt(), ranking.rendered(), fields.source()), ranking);
    }
}
