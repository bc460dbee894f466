package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;

/**
 * What rows look like, and how each is read. Every method takes what a command can use and refuses all else by the names
 * of the fields that are there.
 */
final class Forms {
    /** The fields that are read here and in {@link Comparison} and {@link Completions}. */
    static final Set<String> READ = Set.of(
            "prompt",
            "instruction",
            "input",
            "completion",
            "output",
            "text",
            "messages",
            "conversations",
            "system",
            "chosen",
            "rejected",
            "margin",
            "score_chosen",
            "score_rejected",
            "label",
            "kto_tag",
            "labels",
            "completions",
            "answers",
            "generations",
            "responses",
            "ranks",
            "scores",
            "ratings",
            "completion_a",
            "completion_b",
            "preference",
            "completion_a_is_acceptable",
            "completion_b_is_acceptable",
            "conversation_a",
            "conversation_b",
            "winner",
            "response_a",
            "response_b",
            "winner_model_a",
            "winner_model_b",
            "winner_tie",
            "output_1",
            "output_2");

    private static final Content NOTHING = new Content.Text("");
    private static final List<String> CONVERSATIONS = List.of("messages", "conversations");

    private Forms() {}

    /** Whatever it is: what says most about it counts. */
    static Example any(Fields fields) throws BadRowException {
        if (isSteps(fields)) {
            return steps(fields);
        }
        if (isPair(fields) || Comparison.in(fields) || Completions.in(fields)) {
            return ranked(fields, true);
        }
        boolean answered = fields.has("completion")
                || fields.has("output")
                || !conversation(fields).isEmpty();
        if (answered && (fields.has("label") || fields.has("kto_tag"))) {
            return labelled(fields);
        }
        if (answered || fields.has("text")) {
            Example demonstration = demonstration(fields);
            boolean asksOnly = demonstration.kind() == Kind.LANGUAGE
                    && demonstration.isChat()
                    && demonstration.answers().get(0).content().messages("").stream()
                            .noneMatch(message -> "assistant".equals(message.get("role")));
            return asksOnly ? prompt(fields) : demonstration;
        }
        if (fields.hasPrompt()) {
            return prompt(fields);
        }
        throw unknown(fields, "`prompt`, `completion`, `chosen` and `rejected`, `completions`, `messages` or `text`");
    }

    /** Preferences: pairs, rankings, comparisons. */
    static Example ranking(Fields fields) throws BadRowException {
        if (isPair(fields) || Comparison.in(fields) || Completions.in(fields)) {
            return ranked(fields, false);
        }
        throw unknown(fields, "`chosen` and `rejected`, or `prompt` and `completions` with `ranks` or `scores`");
    }

    /** Completions to judge, ranked or not. */
    static Example completions(Fields fields) throws BadRowException {
        return Completions.in(fields) ? ranked(fields, true) : ranking(fields);
    }

    /** @param unranked whether completions without places are good too */
    static Example ranked(Fields fields, boolean unranked) throws BadRowException {
        return isPair(fields)
                ? pair(fields)
                : Comparison.in(fields) ? Comparison.read(fields) : Completions.read(fields, unranked);
    }

    private static boolean isPair(Fields fields) {
        return fields.has("chosen") || fields.has("rejected");
    }

    private static Example pair(Fields fields) throws BadRowException {
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
        boolean chat = anyChat(fields, "prompt", "conversations", "chosen", "rejected");
        Conversations conversations = new Conversations(fields, Chats.NONE);
        List<Answer> answers = new ArrayList<>();
        answers.add(new Answer("chosen", content(conversations, fields, "chosen", chat), 0, chosen, null));
        answers.add(new Answer("rejected", content(conversations, fields, "rejected", chat), 1, rejected, null));
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
            if (isChat(fields, name)) {
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

    private static Content content(Conversations conversations, Fields fields, String name, boolean chat)
            throws BadRowException {
        return chat
                ? new Content.Messages(conversations.messages(name, "assistant"))
                : new Content.Text(fields.completion(name));
    }

    /** A completion with a verdict: {@code label}, or {@code kto_tag} as LLaMA-Factory has it in ShareGPT's rows. */
    static Example labelled(Fields fields) throws BadRowException {
        boolean good = fields.truth(fields.has("label") || !fields.has("kto_tag") ? "label" : "kto_tag");
        String chat = fields.has("completion") || fields.has("output") ? "" : conversation(fields);
        if (!chat.isEmpty()) {
            Example whole = demonstration(fields);
            return split(whole, Kind.LABELLED, good).named(chat + ", label");
        }
        String name = fields.has("output") && !fields.has("completion") ? "output" : "completion";
        return single(fields, name, Kind.LABELLED, ", label", good);
    }

    /** Texts to imitate. */
    static Example demonstration(Fields fields) throws BadRowException {
        String chat = conversation(fields);
        if (!chat.isEmpty()) {
            Content messages = new Content.Messages(new Conversations(fields, Chats.NONE).conversation(chat));
            return Example.of(
                    Kind.LANGUAGE, chat, NOTHING, List.of(new Answer(chat, messages, 0, Double.NaN, null)), fields);
        }
        if (fields.has("completion") || fields.has("output")) {
            return single(fields, fields.has("completion") ? "completion" : "output", Kind.DEMONSTRATION, "", null);
        }
        if (fields.has("text")) {
            Content text = new Content.Text(fields.completion("text"));
            return Example.of(
                    Kind.LANGUAGE, "text", NOTHING, List.of(new Answer("text", text, 0, Double.NaN, null)), fields);
        }
        throw unknown(fields, "`prompt` and `completion`, `messages` or `text`");
    }

    /** A prompt and its only answer. */
    private static Example single(Fields fields, String name, Kind kind, String more, Boolean good)
            throws BadRowException {
        boolean chat = anyChat(fields, "prompt", name);
        Conversations conversations = new Conversations(fields, Chats.NONE);
        Content prompt = chat
                ? new Content.Messages(
                        isChat(fields, "prompt")
                                ? conversations.messages("prompt", "user")
                                : List.of(Content.message("user", fields.prompt())))
                : new Content.Text(fields.prompt());
        Content answer = content(conversations, fields, name, chat);
        return Example.of(
                kind,
                (fields.has("prompt") ? "prompt, " : "instruction, ") + name + more,
                prompt,
                List.of(new Answer(name, answer, Boolean.FALSE.equals(good) ? 1 : 0, Double.NaN, good)),
                fields);
    }

    /** A conversation as its last message and the prompt before it. */
    static Example split(Example conversation, Kind kind, Boolean good) throws BadRowException {
        Answer whole = conversation.answers().get(0);
        List<Map<String, Object>> messages = ((Content.Messages) whole.content()).messages();
        if (!isAnswered(messages) || messages.size() < 2) {
            throw conversation
                    .fields()
                    .bad(
                            BadRows.Reason.CONVERSATION,
                            "`%s` does not end with an answer, expected the assistant's message at the end"
                                    .formatted(whole.place()));
        }
        int last = messages.size() - 1;
        Answer answer = new Answer(
                "%s[%d]".formatted(whole.place(), last),
                new Content.Messages(messages.subList(last, last + 1)),
                Boolean.FALSE.equals(good) ? 1 : 0,
                Double.NaN,
                good);
        return conversation.as(kind, new Content.Messages(messages.subList(0, last)), List.of(answer));
    }

    private static boolean isAnswered(List<Map<String, Object>> messages) {
        return "assistant".equals(messages.get(messages.size() - 1).get("role"));
    }

    /** A conversation without an answer at its end. */
    static Content unanswered(Content chat) {
        List<Map<String, Object>> messages = ((Content.Messages) chat).messages();
        int size = messages.size();
        return isAnswered(messages) && size > 1 ? new Content.Messages(messages.subList(0, size - 1)) : chat;
    }

    /** A prompt to answer: that of any row. */
    static Example prompt(Fields fields) throws BadRowException {
        for (String name : List.of("prompt", "messages", "conversations")) {
            if (isChat(fields, name)) {
                List<Map<String, Object>> messages = new Conversations(fields, Chats.NONE).conversation(name);
                return asked(fields, name, unanswered(new Content.Messages(messages)));
            }
        }
        boolean twoChats = Comparison.in(fields) || isPair(fields) && isChat(fields, "chosen");
        if (twoChats || isPair(fields) && !fields.hasPrompt()) {
            return asked(fields, "prompt", ranked(fields, false).prompt());
        }
        return asked(fields, fields.has("prompt") ? "prompt" : "instruction", new Content.Text(fields.prompt()));
    }

    private static Example asked(Fields fields, String form, Content prompt) {
        return Example.of(Kind.PROMPT, form, prompt, List.of(), fields);
    }

    /** TRL's stepwise supervision: the completions are one answer, and every step has a label. */
    private static boolean isSteps(Fields fields) {
        return fields.has("completions") && fields.row().path("labels").isArray();
    }

    private static Example steps(Fields fields) throws BadRowException {
        JsonNode labels = fields.list("labels");
        JsonNode steps = fields.list("completions");
        if (labels.size() != steps.size()) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`labels` has %d values for %d completions, expected one each"
                            .formatted(labels.size(), steps.size()));
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            String place = "completions[%d]".formatted(i);
            Content text = new Content.Text(fields.text(steps.get(i), "`" + place + "`"));
            boolean good = fields.truth(labels.get(i), "labels[%d]".formatted(i));
            answers.add(new Answer(place, text, 0, Double.NaN, good));
        }
        if (answers.isEmpty()) {
            throw fields.bad(BadRows.Reason.EMPTY_COMPLETION, "`completions` has no steps, expected at least one");
        }
        return Example.of(
                Kind.STEPS, "prompt, completions, labels", new Content.Text(fields.prompt()), answers, fields);
    }

    /** The column of a whole conversation, or the empty text. */
    private static String conversation(Fields fields) {
        return CONVERSATIONS.stream()
                .filter(name -> isChat(fields, name))
                .findFirst()
                .orElse("");
    }

    static boolean isChat(Fields fields, String name) {
        return Conversations.isChat(fields.row().get(name));
    }

    private static boolean anyChat(Fields fields, String... names) {
        for (String name : names) {
            if (isChat(fields, name)) {
                return true;
            }
        }
        return false;
    }

    private static BadRowException unknown(Fields fields, String expected) {
        return fields.bad(
                BadRows.Reason.MISSING_FIELD,
                "found the fields %s, expected %s; rename the columns".formatted(fields.names(), expected));
    }
}
