package org.align4j.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.align4j.Words;
import org.align4j.template.Rendered;

/**
 * What a row says, in one form for all that rows look like; texts and messages are those of the row. From here it is one
 * step to what training sees ({@link #ranking}, {@link #prompt(Chats)}) and one to a row of another type ({@link Conversion}).
 *
 * @param kind what can be learnt from it
 * @param form the columns that say so, for people
 * @param prompt what comes before the answers; empty text where nothing does
 * @param answers in the order of the row; all of them and the prompt are texts, or all are messages
 * @param margin how much better the first answer of a pair is than the second, where the row says only that; else NaN
 * @param fields the row itself
 */
public record Example(Kind kind, String form, Content prompt, List<Answer> answers, double margin, Fields fields) {

    /** What can be learnt from a row. */
    public enum Kind {
        /** One answer without a prompt of its own: text, or a conversation. */
        LANGUAGE("text or conversation", "texts and conversations"),
        /** A prompt and an answer to imitate. */
        DEMONSTRATION("demonstration", "demonstrations"),
        /** A prompt and an answer that is good or bad. */
        LABELLED("labelled completion", "labelled completions"),
        /** A prompt and answers in order, ties included. */
        RANKING("ranking", "rankings"),
        /** A prompt and answers that nobody has put in order. */
        SAMPLES("row of unranked completions", "rows of unranked completions"),
        /** A prompt and the steps of one answer, each good or bad. */
        STEPS("row of labelled steps", "rows of labelled steps"),
        /** A prompt. */
        PROMPT("prompt", "prompts");

        private final String singular;
        private final String plural;

        Kind(String singular, String plural) {
            this.singular = singular;
            this.plural = plural;
        }

        /** What several rows of the kind are called. */
        public String plural() {
            return plural;
        }

        /** {@code 1 ranking}, {@code 2 rankings}. */
        public String count(long rows) {
            return Words.count(rows, singular, plural);
        }
    }

    /**
     * One answer.
     *
     * @param place where it stands in the row, for messages
     * @param tier 0 is best, equal is a tie; 0 where nothing is ranked
     * @param score higher is better; NaN where the row has none
     * @param good whether somebody called it good; null where nobody said
     */
    public record Answer(String place, Content content, int tier, double score, Boolean good) {}

    public Example {
        answers = List.copyOf(answers);
    }

    /** Of one answer, or of none. */
    static Example of(Kind kind, String form, Content prompt, List<Answer> answers, Fields fields) {
        return new Example(kind, form, prompt, answers, Double.NaN, fields);
    }

    /** The same row as something else. */
    Example as(Kind other, Content newPrompt, List<Answer> newAnswers) {
        return new Example(other, form, newPrompt, newAnswers, Double.NaN, fields);
    }

    Example named(String otherForm) {
        return new Example(kind, otherForm, prompt, answers, margin, fields);
    }

    /** Whether a column has gone into this: one that {@code form} names, or that is read beside those. */
    boolean reads(String column) {
        boolean aside = switch (column) {
            case "tools", "chat_template_kwargs" -> true;
            case "system" -> fields.has("conversations");
            case "prompt", "instruction", "input", "conversations" -> kind != Kind.LANGUAGE;
            case "label", "kto_tag" -> kind == Kind.LABELLED;
            case "margin",
                    "score_chosen",
                    "score_rejected",
                    "completion_a_is_acceptable",
                    "completion_b_is_acceptable",
                    "winner_model_a",
                    "winner_model_b",
                    "winner_tie" -> kind == Kind.RANKING;
            default -> false;
        };
        return aside || List.of(form.split("[^\\w-]+")).contains(column);
    }

    public Source source() {
        return fields.source();
    }

    public boolean isChat() {
        return (answers.isEmpty() ? prompt : answers.get(0).content()) instanceof Content.Messages;
    }

    /** Whether no answer is better than another. */
    public boolean isTied() {
        return answers.stream()
                .allMatch(answer -> answer.tier() == answers.get(0).tier());
    }

    /** Whether every answer has a score. */
    public boolean hasScores() {
        return answers.stream().noneMatch(answer -> Double.isNaN(answer.score()));
    }

    /** Two answers with different places that are the same, or an empty list. */
    public List<Answer> contradiction() {
        Map<Content, Answer> first = new HashMap<>();
        for (Answer answer : answers) {
            Answer other = first.putIfAbsent(answer.content(), answer);
            if (other != null && other.tier() != answer.tier()) {
                return List.of(other, answer);
            }
        }
        return List.of();
    }

    /**
     * The same with its conversations written out as text. An answer begins where the written conversation no longer is
     * the written prompt.
     */
    Example rendered(Chats chats) throws BadRowException {
        if (answers.isEmpty()) {
            return as(kind, new Content.Text(prompt(chats).text()), answers);
        }
        Ranking written = ranking(chats);
        String before = written.prompt();
        int common = before.length();
        for (Ranking.Completion completion : written.completions()) {
            common = Math.min(common, commonPrefix(before, completion.text()));
        }
        List<Answer> texts = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            Content text = new Content.Text(written.completions().get(i).text().substring(common));
            texts.add(new Answer(answer.place(), text, answer.tier(), answer.score(), answer.good()));
        }
        return new Example(kind, form, new Content.Text(before.substring(0, common)), texts, margin, fields);
    }

    /** The same with its texts as messages: the prompt is the user's, answers are the assistant's. */
    Example conversation() {
        if (isChat() || kind == Kind.LANGUAGE || kind == Kind.STEPS) { // of these a piece alone is no message
            return this;
        }
        List<Answer> spoken = new ArrayList<>();
        for (Answer answer : answers) {
            Content message = message("assistant", answer.content());
            spoken.add(new Answer(answer.place(), message, answer.tier(), answer.score(), answer.good()));
        }
        return new Example(kind, form, message("user", prompt), spoken, margin, fields);
    }

    private static Content message(String role, Content text) {
        return new Content.Messages(List.of(Content.message(role, ((Content.Text) text).text())));
    }

    /** In whole code points. */
    private static int commonPrefix(String a, String b) {
        int common = 0;
        while (common < Math.min(a.length(), b.length()) && a.charAt(common) == b.charAt(common)) {
            common++;
        }
        return common > 0 && Character.isHighSurrogate(a.charAt(common - 1)) ? common - 1 : common;
    }

    /** What training sees, conversations written by their template. */
    Ranking ranking(Chats chats) throws BadRowException {
        List<Ranking.Completion> completions = new ArrayList<>();
        if (!isChat()) {
            if (chats.turns() != TrainedTurns.ALL) {
                throw fields.bad(
                        BadRows.Reason.CONVERSATION,
                        "the row is plain text, in which assistant_only_loss finds no messages; expected a conversation, or"
                                + " leave the key out");
            }
            for (Answer answer : answers) {
                completions.add(new Ranking.Completion(
                        ((Content.Text) answer.content()).text(), answer.tier(), answer.score()));
            }
            return new Ranking(((Content.Text) prompt).text(), completions, source());
        }
        Conversations conversations = new Conversations(fields, chats);
        List<Map<String, Object>> asked = prompt.messages("user");
        for (Answer answer : answers) {
            Rendered whole = conversations.whole(asked, answer.content().messages("assistant"));
            completions.add(Ranking.Completion.of(whole, answer.tier(), answer.score()));
        }
        String before = asked.isEmpty() ? "" : conversations.prompt(asked);
        return new Ranking(before, completions, true, source());
    }

    /** The prompt as a model sees it when it is to answer. */
    Prompt prompt(Chats chats) throws BadRowException {
        if (!isChat()) {
            return new Prompt(((Content.Text) prompt).text(), false, source());
        }
        return new Prompt(new Conversations(fields, chats).prompt(prompt.messages("user")), true, source());
    }
}
