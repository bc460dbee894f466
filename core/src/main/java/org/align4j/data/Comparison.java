package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.align4j.data.Example.Answer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two answers side by side and what somebody said about them:
 *
 * <pre>
 * {"prompt": …, "completion_a": …, "completion_b": …, "preference": "a-is-slightly-better"}   Tulu's human evaluation
 * {"conversation_a": […], "conversation_b": […], "winner": "model_a"}                          Chatbot Arena
 * {"prompt": […], "response_a": […], "response_b": […], "winner_model_a": 1, …}                its rows on Kaggle, by turns
 * {"instruction": …, "output_1": …, "output_2": …, "preference": 2}                            AlpacaEval, 1.5 or 0 is a tie
 * </pre>
 *
 * A grade is the margin: 1 for slightly better, 2 for better, 3 for clearly or much better; between 1 and 2 the preference
 * says it itself. {@code completion_a_is_acceptable} says of each answer whether it is good.
 */
final class Comparison {
    private record Names(String first, String second, String verdict) {}

    /** Who is better, and by how much; NaN where that is not said. */
    private record Verdict(int better, double margin) {
        static final Verdict FIRST = new Verdict(1, Double.NaN);
        static final Verdict SECOND = new Verdict(-1, Double.NaN);
        static final Verdict TIE = new Verdict(0, Double.NaN);
    }

    private static final List<Names> NAMES = List.of(
            new Names("completion_a", "completion_b", "preference"),
            new Names("conversation_a", "conversation_b", "winner"),
            new Names("response_a", "response_b", "winner"),
            new Names("output_1", "output_2", "preference"));
    private static final Pattern GRADE = Pattern.compile("([ab])-is-(?:(slightly|clearly|much)-)?better");
    private static final JsonMapper JSON = new JsonMapper();

    private final Fields fields;

    private Comparison(Fields fields) {
        this.fields = fields;
    }

    static boolean in(Fields fields) {
        return NAMES.stream().anyMatch(names -> fields.has(names.first()) && fields.has(names.second()));
    }

    /** Whether both sides, and the prompt, are lists of what was said turn by turn. */
    static boolean inTurns(Fields fields) {
        return in(fields) && new Comparison(fields).areTurns(names(fields));
    }

    private static Names names(Fields fields) {
        return NAMES.stream()
                .filter(each -> fields.has(each.first()) && fields.has(each.second()))
                .findFirst()
                .orElseThrow();
    }

    private boolean areTurns(Names names) {
        return list("prompt").isArray() && list(names.first()).isArray() && !Forms.isChat(fields, "prompt");
    }

    static Example read(Fields fields) throws BadRowException {
        return new Comparison(fields).read();
    }

    private Example read() throws BadRowException {
        Names names = names(fields);
        Verdict verdict = verdict(names);
        boolean chat = Forms.isChat(fields, names.first())
                || Forms.isChat(fields, names.second())
                || Forms.isChat(fields, "prompt");
        boolean turns = !chat && areTurns(names);
        JsonNode prompt = list("prompt");
        List<Answer> answers = new ArrayList<>();
        for (String name : List.of(names.first(), names.second())) {
            boolean isFirst = answers.isEmpty();
            Content content = turns
                    ? turns(prompt, list(name), name)
                    : chat
                            ? new Content.Messages(new Conversations(fields, Chats.NONE).messages(name, "assistant"))
                            : new Content.Text(fields.completion(name));
            boolean worse = isFirst ? verdict.better() < 0 : verdict.better() > 0;
            boolean better = isFirst ? verdict.better() > 0 : verdict.better() < 0;
            String acceptable = name + "_is_acceptable";
            answers.add(new Answer(
                    name,
                    content,
                    worse ? 1 : 0,
                    Double.isNaN(verdict.margin()) ? Double.NaN : better ? verdict.margin() : 0,
                    fields.has(acceptable) ? acceptable(acceptable) : null));
        }
        String form = "%s, %s, %s".formatted(names.first(), names.second(), names.verdict());
        return turns ? Pairs.wholes(form, answers, Double.NaN, fields) : Pairs.two(form, answers, Double.NaN, fields);
    }

    private Verdict verdict(Names names) throws BadRowException {
        if (!fields.has(names.verdict()) && fields.has("winner_model_a")) {
            return fields.truth("winner_model_a")
                    ? Verdict.FIRST
                    : fields.truth("winner_model_b") ? Verdict.SECOND : Verdict.TIE;
        }
        double number = fields.numberOrNaN(names.verdict());
        if (number == 0 || number >= 1 && number <= 2) { // AlpacaEval
            double margin = number == 0 ? 0 : Math.abs(number - 1.5) * 2;
            return new Verdict(number == 0 ? 0 : (int) Math.signum(1.5 - number), margin);
        }
        String text = fields.text(names.verdict()).strip().toLowerCase(Locale.ROOT);
        Matcher grade = GRADE.matcher(text);
        if (grade.matches()) {
            double margin = grade.group(2) == null ? 2 : grade.group(2).equals("slightly") ? 1 : 3;
            return new Verdict(grade.group(1).equals("a") ? 1 : -1, margin);
        }
        return switch (text) {
            case "model_a", "a" -> Verdict.FIRST;
            case "model_b", "b" -> Verdict.SECOND;
            case "tie" -> names.verdict().equals("preference") ? new Verdict(0, 0) : Verdict.TIE;
            case "tie (bothbad)", "bothbad", "both_bad" -> Verdict.TIE;
            default ->
                throw fields.bad(
                        BadRows.Reason.WRONG_TYPE,
                        "`%s` is %s, expected a-is-better, a-is-slightly-better, …, model_a, model_b, tie, or a number from 1 to 2"
                                .formatted(names.verdict(), BadRowException.quote(text)));
        };
    }

    private boolean acceptable(String name) throws BadRowException {
        String text = fields.row().get(name).isString() ? fields.text(name) : "";
        return text.equals("yes") || !text.equals("no") && fields.truth(name);
    }

    /** A field that holds a list of texts, perhaps as JSON text; anything else as it is. */
    private JsonNode list(String name) {
        JsonNode node = fields.row().path(name);
        if (node.isString() && node.stringValue().startsWith("[\"")) {
            try {
                return JSON.readTree(node.stringValue());
            } catch (JacksonException e) {
                return node; // a text that looks like a list
            }
        }
        return node;
    }

    /** What the user said, turn by turn, and what was answered. */
    private Content turns(JsonNode asked, JsonNode answered, String name) throws BadRowException {
        if (asked.size() != answered.size() || asked.isEmpty()) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`%s` has %d turns and `prompt` %d, expected as many, and at least one"
                            .formatted(name, answered.size(), asked.size()));
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            messages.add(Content.message("user", fields.text(asked.get(i), "`prompt[%d]`".formatted(i))));
            messages.add(Content.message("assistant", fields.text(answered.get(i), "`%s[%d]`".formatted(name, i))));
        }
        return new Content.Messages(messages);
    }
}
