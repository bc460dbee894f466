package org.align4j.data;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;

/**
 * What is worth knowing about rows before training on them. Rows are added one by one and not kept: a few numbers of each
 * are.
 */
public final class Inspection {
    private static final String SCORE = "score";
    private static final List<String> PEOPLE =
            List.of("evaluator", "annotator", "annotator_id", "evaluator_id", "worker", "judge");

    /**
     * Rows that look the same.
     *
     * @param scored whether each answer has a score of its own, onto which a reward model can be fitted
     */
    public record Form(Kind kind, String columns, boolean scored) {}

    /** What lengths are counted in. */
    @FunctionalInterface
    public interface Unit {
        int length(String text);

        /** What stands before the prompt of a row, without being in its text. */
        default int before(Examples.Seen row) {
            return 0;
        }

        /** What follows a completion, except where a template wrote it. */
        default int after() {
            return 0;
        }
    }

    private final Unit unit;
    private final int separatorLength;
    private final Map<Form, Integer> forms = new LinkedHashMap<>();
    private final Map<Integer, Integer> sizes = new TreeMap<>();
    private final Map<String, Integer> people = new HashMap<>();
    private final Set<String> others = new TreeSet<>();
    private final LongSet rows = new LongSet();
    private final LongSet prompts = new LongSet();
    private final Histogram promptLengths = new Histogram();
    private final Histogram completionLengths = new Histogram();
    private final Histogram messages = new Histogram();
    private final Histogram steps = new Histogram();
    private final BadRows.Counter left = new BadRows.Counter();
    private final Agreement agreement = new Agreement();
    private int count;
    private int conversations;
    private int withoutPrompt;
    private int sharedPrompts;
    private long good;
    private long bad;
    private long tied;
    private long tiedTwins;
    private long identical;
    private long pairs;
    private long longer;
    private long shorter;
    private double difference;

    /**
     * @param unit of lengths
     * @param separator what follows each step of an answer in steps
     */
    public Inspection(Unit unit, String separator) {
        this.unit = unit;
        this.separatorLength = unit.length(separator);
    }

    /** Adds a row. */
    public void add(Examples.Seen seen) {
        add(seen, new LongSet());
    }

    /** Adds a row that is held out, and counts it if its prompt is one that was trained on. */
    public void add(Examples.Seen seen, Inspection training) {
        add(seen, training.prompts);
    }

    private void add(Examples.Seen seen, LongSet known) {
        Example example = seen.example();
        count++;
        Form form = form(example);
        forms.merge(form, 1, Integer::sum);
        conversations += example.isChat() ? 1 : 0;
        rows.add(hash(example));
        people(example);
        boolean hasPrompt = example.kind() != Kind.LANGUAGE;
        long prompt = Hashes.of(hasPrompt ? example.prompt() : asked(example));
        prompts.add(prompt);
        sharedPrompts += known.contains(prompt) ? 1 : 0;
        if (hasPrompt) {
            withoutPrompt += seen.prompt().text().isEmpty() ? 1 : 0;
            promptLengths.add(unit.before(seen) + unit.length(seen.prompt().text()));
        }
        if (example.isChat()) {
            int first = example.answers().isEmpty()
                    ? 0
                    : example.answers().get(0).content().messages("").size();
            messages.add(example.prompt().messages("").size() + first);
        }
        example.answers().forEach(this::label);
        example.fields().row().properties().stream()
                .filter(column -> !column.getValue().isNull() && !example.reads(column.getKey()))
                .filter(column -> !form.scored() || !column.getKey().equals(SCORE))
                .forEach(column -> others.add(column.getKey()));
        if (seen.ranking() != null) {
            lengths(example, seen.ranking());
        }
        if (seen.solution() != null) {
            List<String> texts = seen.solution().steps();
            steps.add(texts.size());
            completionLengths.add(texts.stream().mapToInt(unit::length).sum() + texts.size() * separatorLength);
        }
        if (seen.left() != null) {
            left.add(seen.left());
        }
        agreement.add(example);
    }

    private static Form form(Example example) {
        Fields fields = example.fields();
        return switch (example.kind()) {
            case RANKING ->
                new Form(
                        Kind.RANKING,
                        example.form(),
                        example.hasScores() && Double.isNaN(example.margin()) && !Comparison.in(fields));
            case DEMONSTRATION -> {
                boolean scored = fields.has("completion") && !Double.isNaN(fields.numberOrNaN(SCORE));
                yield new Form(Kind.DEMONSTRATION, example.form() + (scored ? ", " + SCORE : ""), scored);
            }
            default -> new Form(example.kind(), example.form(), false);
        };
    }

    /** What a conversation, or a text, asks. */
    private static Content asked(Example whole) {
        Content content = whole.answers().get(0).content();
        return whole.isChat() ? Forms.unanswered(content) : content;
    }

    private static long hash(Example example) {
        long[] parts = new long[2 * example.answers().size() + 1];
        parts[0] = Hashes.of(example.prompt());
        for (int i = 0; i < example.answers().size(); i++) {
            Answer answer = example.answers().get(i);
            parts[2 * i + 1] = Hashes.of(answer.content());
            parts[2 * i + 2] = answer.tier();
        }
        return Hashes.of(parts);
    }

    private void people(Example example) {
        for (String column : PEOPLE) {
            if (example.fields().row().path(column).isValueNode()
                    && example.fields().has(column)) {
                people.merge(example.fields().row().get(column).asString(), 1, Integer::sum);
                return;
            }
        }
    }

    private void label(Answer answer) {
        if (answer.good() != null) {
            good += answer.good() ? 1 : 0;
            bad += answer.good() ? 0 : 1;
        }
    }

    /** A completion is as long as it makes its prompt longer: alone it may become other tokens. */
    private void lengths(Example example, Ranking ranking) {
        List<Ranking.Completion> completions = ranking.completions();
        boolean rendered = ranking.rendered(); // then a completion begins with its prompt
        int promptLength = unit.length(ranking.prompt());
        int[] lengths = new int[completions.size()];
        for (int i = 0; i < lengths.length; i++) {
            String text = completions.get(i).text();
            lengths[i] = unit.length(rendered ? text : ranking.prompt() + text)
                    - promptLength
                    + (rendered ? 0 : unit.after());
            completionLengths.add(lengths[i]);
        }
        boolean several = example.kind() == Kind.RANKING || example.kind() == Kind.SAMPLES;
        if (several) {
            sizes.merge(lengths.length, 1, Integer::sum);
        }
        if (example.kind() != Kind.RANKING) {
            return;
        }
        for (int i = 0; i < lengths.length; i++) {
            for (int j = i + 1; j < lengths.length; j++) {
                int order = completions.get(j).tier() - completions.get(i).tier();
                boolean same =
                        completions.get(i).text().equals(completions.get(j).text());
                tied += order == 0 ? 1 : 0;
                tiedTwins += order == 0 && same ? 1 : 0;
                identical += order != 0 && same ? 1 : 0;
                if (order != 0 && !same) {
                    int more = (lengths[i] - lengths[j]) * Integer.signum(order);
                    pairs++;
                    longer += more > 0 ? 1 : 0;
                    shorter += more < 0 ? 1 : 0;
                    difference += more;
                }
            }
        }
    }

    public int rows() {
        return count;
    }

    /** How many rows there are of each form, in the order in which they were met. */
    public Map<Form, Integer> forms() {
        return forms;
    }

    /** Columns that are not read. */
    public Set<String> others() {
        return others;
    }

    public int conversations() {
        return conversations;
    }

    /** How many messages a conversation has with its first answer. */
    public Histogram messages() {
        return messages;
    }

    /** How many steps an answer in steps has. */
    public Histogram steps() {
        return steps;
    }

    /** The rankings that training on preferences leaves out. */
    public BadRows left() {
        return left.result();
    }

    /** How many rankings there are of each number of completions. */
    public Map<Integer, Integer> sizes() {
        return sizes;
    }

    /** How many rows each person judged, by name. */
    public Map<String, Integer> people() {
        return people;
    }

    /** Rows that are the same as an earlier one. */
    public int repeatedRows() {
        return count - rows.size();
    }

    /** Rows whose prompt an earlier row has too, with whatever completions. */
    public int repeatedPrompts() {
        return count - prompts.size();
    }

    /** Rows with a place for a prompt and nothing in it. */
    public int withoutPrompt() {
        return withoutPrompt;
    }

    /** Rows whose prompt was trained on. */
    public int sharedPrompts() {
        return sharedPrompts;
    }

    /** Answers that somebody called good. */
    public long good() {
        return good;
    }

    /** Answers that somebody called bad. */
    public long bad() {
        return bad;
    }

    public Histogram promptLengths() {
        return promptLengths;
    }

    /** Steps count with what follows each. */
    public Histogram completionLengths() {
        return completionLengths;
    }

    /** Pairs of a better completion and a worse, other one, over all rankings. */
    public long pairs() {
        return pairs;
    }

    /** Pairs of completions of which neither is better. */
    public long tied() {
        return tied;
    }

    /** Those of them that are the same text twice. */
    public long tiedTwins() {
        return tiedTwins;
    }

    /** Pairs of completions that are the same text, of which one is better all the same. */
    public long identical() {
        return identical;
    }

    /** Pairs in which the better one is longer. */
    public long longerBetter() {
        return longer;
    }

    /** Pairs in which it is shorter. */
    public long shorterBetter() {
        return shorter;
    }

    /** Mean length of the better one minus that of the worse one. */
    public double meanDifference() {
        return pairs == 0 ? 0 : difference / pairs;
    }

    /** How far people agree who judged the same. */
    public Optional<Agreement.Found> agreement() {
        return agreement.found();
    }
}
