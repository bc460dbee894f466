package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;

/** Two answers to one prompt, which may have a column of its own or be what both begin with. */
final class Pairs {
    private Pairs() {}

    static boolean in(Fields fields) {
        return fields.has("chosen") || fields.has("rejected");
    }

    /** {@code chosen} and {@code rejected}. */
    static Example read(Fields fields) throws BadRowException {
        double margin = fields.numberOrNaN("margin");
        double chosen = fields.numberOrNaN("score_chosen");
        double rejected = fields.numberOrNaN("score_rejected");
        if (!Double.isNaN(margin)) {
            chosen = margin;
            rejected = 0;
        } else if (Double.isNaN(chosen + rejected)) {
            chosen = Double.NaN;
            rejected = Double.NaN;
        }
        boolean chat = Forms.anyChat(fields, "prompt", "conversations", "chosen", "rejected");
        Conversations conversations = new Conversations(fields, Chats.NONE);
        List<Answer> answers = new ArrayList<>();
        answers.add(new Answer("chosen", Forms.content(conversations, fields, "chosen", chat), 0, chosen, null));
        answers.add(new Answer("rejected", Forms.content(conversations, fields, "rejected", chat), 1, rejected, null));
        return two("chosen, rejected", answers, margin, fields);
    }

    /** Two answers to a prompt that may have to be found in what they begin with. */
    static Example two(String form, List<Answer> answers, double margin, Fields fields) throws BadRowException {
        Content prompt = answers.get(0).content() instanceof Content.Text ? textPrompt(fields) : chatPrompt(fields);
        return prompt == null
                ? wholes(form, answers, margin, fields)
                : pairOf("prompt, " + form, prompt, answers, margin, fields);
    }

    /** Two texts or conversations that hold their prompt. */
    static Example wholes(String form, List<Answer> answers, double margin, Fields fields) throws BadRowException {
        Content first = answers.get(0).content();
        Content second = answers.get(1).content();
        Content prompt = common(first, second);
        if (prompt instanceof Content.Messages chat && chat.messages().isEmpty()) {
            return pairOf(form, promptText(fields), answers, margin, fields);
        }
        return pairOf(
                form,
                prompt,
                List.of(with(answers.get(0), after(prompt, first)), with(answers.get(1), after(prompt, second))),
                margin,
                fields);
    }

    private static Example pairOf(String form, Content prompt, List<Answer> answers, double margin, Fields fields) {
        return new Example(Kind.RANKING, form, prompt, answers, margin, fields);
    }

    /**
     * What two answers begin with, by the rule of {@link ImplicitPrompt}. Of a conversation that goes on where the other
     * ends, the last message of the shorter is its completion.
     */
    private static Content common(Content first, Content second) {
        if (first instanceof Content.Text one) {
            String other = ((Content.Text) second).text();
            boolean same = one.text().equals(other);
            return new Content.Text(
                    same ? "" : ImplicitPrompt.split(one.text(), other).prompt());
        }
        List<Map<String, Object>> a = ((Content.Messages) first).messages();
        List<Map<String, Object>> b = ((Content.Messages) second).messages();
        int common = 0;
        while (common < Math.min(a.size(), b.size()) - 1 && a.get(common).equals(b.get(common))) {
            common++;
        }
        return new Content.Messages(a.subList(0, common));
    }

    private static Content after(Content prompt, Content whole) {
        if (whole instanceof Content.Text text) {
            return new Content.Text(
                    text.text().substring(((Content.Text) prompt).text().length()));
        }
        List<Map<String, Object>> messages = ((Content.Messages) whole).messages();
        return new Content.Messages(
                messages.subList(((Content.Messages) prompt).messages().size(), messages.size()));
    }

    private static Answer with(Answer answer, Content content) {
        return new Answer(answer.place(), content, answer.tier(), answer.score(), answer.good());
    }

    private static Content textPrompt(Fields fields) throws BadRowException {
        return fields.hasPrompt() ? new Content.Text(fields.prompt()) : null;
    }

    /** The messages before the answers, where a column has them; else null. */
    private static Content chatPrompt(Fields fields) throws BadRowException {
        for (String name : List.of("prompt", "conversations")) {
            if (Forms.isChat(fields, name)) {
                return new Content.Messages(new Conversations(fields, Chats.NONE).conversation(name));
            }
        }
        return null;
    }

    /** The messages before a list of completions, wherever they come from. */
    static Content askedBefore(Fields fields) throws BadRowException {
        Content prompt = chatPrompt(fields);
        return prompt != null ? prompt : promptText(fields);
    }

    private static Content promptText(Fields fields) throws BadRowException {
        if (!fields.hasPrompt()) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "there is no `prompt`, and the conversations have no first message in common; add the column");
        }
        return new Content.Messages(List.of(Content.message("user", fields.prompt())));
    }
}
