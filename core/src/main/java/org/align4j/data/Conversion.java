package org.align4j.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.align4j.AlignException;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes examples as rows of another type. What a type has no place for is counted, and so are columns that are not asked
 * to come along; {@code tools} and {@code chat_template_kwargs} always do, since a template needs them.
 */
public final class Conversion {
    private static final JsonMapper JSON = new JsonMapper();
    /** In the columns to keep: all of them. */
    private static final String ALL = "all";

    private static final List<String> FOR_TEMPLATES = List.of("tools", "chat_template_kwargs");

    private final RowType to;
    private final Optional<Chats> render;
    private final boolean conversational;
    private final Set<String> keep;
    private final Reshaping reshaping;
    private final Map<Reshaping.Loss, Long> losses = new EnumMap<>(Reshaping.Loss.class);
    private final Set<String> columns = new TreeSet<>();
    /** Columns that shall be kept and were seen. */
    private final Set<String> found = new TreeSet<>();

    /**
     * @param render writes conversations out as text, if they shall not stay conversations
     * @param conversational whether texts become messages, prompts of the user and answers of the assistant
     * @param keep further columns that come along; {@code all} is all of them
     */
    public Conversion(RowType to, PairChoice pairs, Optional<Chats> render, boolean conversational, Set<String> keep) {
        this.to = to;
        this.render = render;
        this.conversational = conversational;
        this.keep = Set.copyOf(keep);
        this.reshaping = new Reshaping(pairs, loss -> losses.merge(loss, 1L, Long::sum));
    }

    /**
     * The rows that an example becomes, none if it has no place in the type.
     *
     * @throws AlignException if examples of its kind never can, with what they can become
     * @throws BadRowException if others of its kind can, but not this one
     */
    List<ObjectNode> rows(Example original) throws BadRowException {
        check(original);
        Example example = cut(original);
        if (render.isPresent() && example.isChat()) {
            example = example.rendered(render.get());
        }
        if (conversational) {
            example = example.conversation();
        }
        List<ObjectNode> rows = new ArrayList<>();
        for (Example each : reshaped(example)) {
            ObjectNode row = row(each);
            addColumns(row, original);
            rows.add(row);
        }
        return rows;
    }

    /** Refuses examples of a kind that never can become such a row. Every example comes here first. */
    void check(Example original) {
        keep.stream().filter(original.fields().row()::has).forEach(found::add);
        Set<RowType> possible = RowType.of(original);
        if (!possible.contains(to)) {
            throw AlignException.usage("%s: rows such as this (%s: %s) cannot become %s; they can become %s"
                    .formatted(
                            original.source(),
                            original.kind().plural(),
                            original.form(),
                            RowType.names(Set.of(to)),
                            RowType.names(possible)));
        }
    }

    /** A whole conversation as prompt and answer, for types that tell one from the other. */
    private Example cut(Example example) throws BadRowException {
        if (example.kind() != Kind.LANGUAGE) {
            return example;
        }
        return switch (to) {
            case PROMPT_ONLY ->
                example.as(
                        Kind.PROMPT, Forms.unanswered(example.answers().get(0).content()), List.of());
            case PROMPT_COMPLETION, ALPACA -> Forms.split(example, Kind.DEMONSTRATION, null);
            default -> example;
        };
    }

    private List<Example> reshaped(Example example) {
        return switch (to) {
            case PROMPT_ONLY, STEPWISE_SUPERVISION -> List.of(example);
            case RANKING, SCORED_RANKING -> reshaping.rankings(example);
            case PREFERENCE, IMPLICIT_PREFERENCE -> reshaping.pairs(example);
            case UNPAIRED_PREFERENCE -> reshaping.labelled(example);
            case LANGUAGE_MODELING, MESSAGES, PROMPT_COMPLETION -> reshaping.demonstrations(example);
            case SHAREGPT, ALPACA ->
                switch (example.kind()) {
                    case RANKING -> reshaping.pairs(example);
                    case LABELLED -> List.of(example);
                    default -> reshaping.demonstrations(example);
                };
        };
    }

    private ObjectNode row(Example example) throws BadRowException {
        List<Answer> answers = example.answers();
        ObjectNode row = JSON.createObjectNode();
        switch (to) {
            case LANGUAGE_MODELING -> {
                Content whole = whole(example);
                row.set(whole instanceof Content.Text ? "text" : "messages", json(whole));
            }
            case PROMPT_ONLY -> row.set("prompt", json(example.prompt()));
            case PROMPT_COMPLETION -> {
                row.set("prompt", json(example.prompt()));
                row.set("completion", json(answers.get(0).content()));
            }
            case PREFERENCE -> {
                row.set("prompt", json(example.prompt()));
                row.set("chosen", json(answers.get(0).content()));
                row.set("rejected", json(answers.get(1).content()));
                addScores(row, example);
            }
            case IMPLICIT_PREFERENCE -> {
                row.set("chosen", json(example.prompt().then(answers.get(0).content())));
                row.set("rejected", json(example.prompt().then(answers.get(1).content())));
                addScores(row, example);
            }
            case UNPAIRED_PREFERENCE -> {
                row.set("prompt", json(example.prompt()));
                row.set("completion", json(answers.get(0).content()));
                row.put("label", answers.get(0).good());
            }
            case STEPWISE_SUPERVISION, RANKING, SCORED_RANKING -> {
                row.set("prompt", json(example.prompt()));
                ArrayNode texts = row.putArray("completions");
                answers.forEach(answer -> texts.add(json(answer.content())));
                switch (to) {
                    case RANKING -> {
                        ArrayNode ranks = row.putArray("ranks");
                        answers.forEach(answer -> ranks.add(answer.tier() + 1));
                    }
                    case SCORED_RANKING -> {
                        ArrayNode scores = row.putArray("scores");
                        answers.forEach(answer -> scores.add(answer.score()));
                    }
                    default -> {
                        ArrayNode labels = row.putArray("labels");
                        answers.forEach(answer -> labels.add(answer.good()));
                    }
                }
            }
            case MESSAGES -> row.set("messages", JSON.valueToTree(messages(example)));
            case SHAREGPT -> OtherStyles.shareGpt(row, example);
            case ALPACA -> OtherStyles.alpaca(row, example);
        }
        return row;
    }

    private static Content whole(Example example) {
        Content answer = example.answers().get(0).content();
        return example.kind() == Kind.LANGUAGE ? answer : example.prompt().then(answer);
    }

    /** All messages of a prompt and its answer. */
    static List<Map<String, Object>> messages(Example example) {
        List<Map<String, Object>> all = new ArrayList<>(example.prompt().messages("user"));
        all.addAll(example.answers().get(0).content().messages("assistant"));
        return all;
    }

    static void addScores(ObjectNode row, Example pair) {
        if (!Double.isNaN(pair.margin())) {
            row.put("margin", pair.margin());
        } else if (pair.hasScores()) {
            row.put("score_chosen", pair.answers().get(0).score());
            row.put("score_rejected", pair.answers().get(1).score());
        }
    }

    static JsonNode json(Content content) {
        return content instanceof Content.Text text
                ? JSON.getNodeFactory().stringNode(text.text())
                : JSON.valueToTree(((Content.Messages) content).messages());
    }

    private void addColumns(ObjectNode row, Example original) {
        for (Map.Entry<String, JsonNode> column : original.fields().row().properties()) {
            String name = column.getKey();
            boolean forTemplate = FOR_TEMPLATES.contains(name) && render.isEmpty();
            boolean wanted = keep.contains(name) || keep.contains(ALL) && !original.reads(name);
            if (row.has(name) || column.getValue().isNull()) {
                continue;
            }
            if (forTemplate || wanted) {
                row.set(name, column.getValue());
            } else if (!original.reads(name)) {
                columns.add(name);
            }
        }
    }

    /**
     * What was left out so far, a sentence each.
     *
     * @param told columns of which it was said already
     */
    List<String> losses(Set<String> told) {
        List<String> lines = new ArrayList<>();
        losses.forEach((loss, count) -> lines.add(loss.line(count)));
        Set<String> more = new TreeSet<>(columns);
        more.removeAll(told);
        if (!more.isEmpty()) {
            lines.add("columns left out (--keep-columns takes them along): " + String.join(", ", more));
        }
        Set<String> nowhere = new TreeSet<>(keep);
        nowhere.removeAll(found);
        nowhere.remove(ALL);
        if (!nowhere.isEmpty()) {
            lines.add("columns to keep that no row has: " + String.join(", ", nowhere));
        }
        return lines;
    }
}
