package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.align4j.text.ChatTemplate;

/**
 * Reads texts to imitate. Files are those of {@link RankingReader}; each row is judged by its own fields:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4"}                        trained on the completion
 * {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}]}   likewise
 * {"instruction": "Add", "input": "2+2", "output": "4"}         Alpaca's columns, likewise
 * {"messages": [{"role": "user", …}, …]}                        trained on the whole conversation
 * {"conversations": [{"from": "human", …}, …]}                  likewise, as ShareGPT has it
 * {"text": "Two and two is four."}                              trained on all of it
 * </pre>
 *
 * Each becomes a {@link Ranking} of one completion, whose prompt is what is not trained on.
 */
public final class DemonstrationReader {
    private DemonstrationReader() {}

    /**
     * Reads a whole file into memory. Errors are those of {@link RankingReader#read}.
     *
     * @param completionOnly whether a prompt in a column of its own is left out of the loss
     */
    public static Rows<Ranking> readAll(
            Path file, OnBadRow onBadRow, Supplier<ChatTemplate> template, boolean completionOnly) {
        List<Ranking> rows = new ArrayList<>();
        BadRows bad = JsonRows.read(
                file, onBadRow, (row, source) -> parse(new Fields(row, source), template, completionOnly), rows::add);
        return new Rows<>(rows, bad);
    }

    private static Ranking parse(Fields fields, Supplier<ChatTemplate> template, boolean completionOnly)
            throws BadRowException {
        for (String name : List.of("messages", "conversations")) {
            if (RankingReader.isChat(fields, name)) {
                Conversations conversations = new Conversations(fields, template);
                String whole = conversations.whole(List.of(), conversations.messages(name, "user"));
                return Ranking.single("", whole, 0, true, fields.source());
            }
        }
        if (fields.has("completion") || fields.has("output")) {
            String name = fields.has("completion") ? "completion" : "output";
            Ranking answer = Answers.read(fields, name, 0, template);
            return completionOnly ? answer : withoutPrompt(answer);
        }
        if (fields.has("text")) {
            return Ranking.single("", fields.completion("text"), 0, false, fields.source());
        }
        throw fields.bad(
                BadRows.Reason.MISSING_FIELD,
                "found the fields %s, expected `prompt` and `completion`, `messages` or `text`; rename the columns"
                        .formatted(fields.names()));
    }

    private static Ranking withoutPrompt(Ranking answer) {
        String text = answer.completions().get(0).text();
        String whole = answer.rendered() ? text : answer.prompt() + text;
        return Ranking.single("", whole, 0, answer.rendered(), answer.source());
    }
}
