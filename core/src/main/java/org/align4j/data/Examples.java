package org.align4j.data;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.align4j.data.Example.Kind;

/** Reads rows of any type, each judged by its own fields. Files are those of {@link RankingReader}. */
public final class Examples {
    private Examples() {}

    /**
     * A row and how a model sees it.
     *
     * @param prompt without any answer
     * @param ranking null if there is nothing but a prompt, or if the answer is one in labelled steps
     * @param solution the labelled steps; else null
     * @param left why training on preferences leaves a ranking out; null where it does not
     */
    public record Seen(Example example, Prompt prompt, Ranking ranking, Solution solution, BadRows.Group left) {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Seen> consumer) {
        return JsonRows.read(file, onBadRow, (row, source) -> seen(new Fields(row, source), chats), consumer);
    }

    private static Seen seen(Fields fields, Chats chats) throws BadRowException {
        Example example = Forms.any(fields);
        if (example.answers().isEmpty()) {
            return new Seen(example, example.prompt(chats), null, null, null);
        }
        if (example.kind() == Kind.STEPS) {
            Solution solution = SolutionReader.parse(fields, true);
            return new Seen(example, new Prompt(solution.prompt(), false, fields.source()), null, solution, null);
        }
        Ranking ranking = example.ranking(chats);
        Prompt prompt = new Prompt(ranking.prompt(), ranking.rendered(), fields.source());
        return new Seen(example, prompt, ranking, null, example.kind() == Kind.RANKING ? left(example, ranking) : null);
    }

    private static BadRows.Group left(Example example, Ranking ranking) {
        try {
            RankingReader.requirePreference(example, false);
            RankingReader.requirePreference(ranking, example);
            return null;
        } catch (BadRowException e) {
            return new BadRows.Group(e.reason(), 1, e.getMessage());
        }
    }
}
