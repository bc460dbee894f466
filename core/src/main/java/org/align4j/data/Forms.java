package org.align4j.data;

import java.util.List;
import java.util.Map;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;

/**
 * What rows look like, and how each is read. Every method takes what a command can use and refuses all else by the names
 * of the fields that are there.
 */
final class Forms {
    private static final Content NOTHING = new Content.Text("");
    private static final List<String> CONVERSATIONS = List.of("messages", "conversations");

    private Forms() {}

    /** Whatever it is: what says most about it counts. */
    static Example any(Fields fields) throws BadRowException {
        if (Steps.in(fields)) {
            return Steps.read(fields);
        }
        if (Pairs.in(fields) || Comparison.in(fields) || Completions.in(fields)) {
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
        throw unknown(
                fields,
                "`prompt`, `completion`, `chosen` and `rejected`, `completions`, `messages` or `text`",
                "rename the columns");
    }

    /** Preferences: pairs, rankings, comparisons. */
    static Example ranking(Fields fields) throws BadRowException {
        if (Pairs.in(fields) || Comparison.in(fields) || Completions.in(fields)) {
            return ranked(fields, false);
        }
        throw other(fields, "`chosen` and `rejected`, or `prompt` and `completions` with `ranks` or `scores`");
    }

    /** Completions to judge, ranked or not, also a single one. */
    static Example completions(Fields fields) throws BadRowException {
        if (Pairs.in(fields) || Comparison.in(fields)) {
            return ranked(fields, true);
        }
        if (Completions.in(fields)) {
            return Completions.toJudge(fields);
        }
        if (fields.has("completion") || fields.has("output")) {
            return single(fields, fields.has("completion") ? "completion" : "output", Kind.DEMONSTRATION, "", null);
        }
        if (!conversation(fields).isEmpty()) {
            return split(demonstration(fields), Kind.DEMONSTRATION, null);
        }
        throw other(fields, "`prompt` with `completion` or `completions`, `chosen` and `rejected`, or `messages`");
    }

    /** @param unranked whether completions without places are good too */
    static Example ranked(Fields fields, boolean unranked) throws BadRowException {
        return Pairs.in(fields)
                ? Pairs.read(fields)
                : Comparison.in(fields) ? Comparison.read(fields) : Completions.read(fields, unranked);
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
            List<Map<String, Object>> messages = new Conversations(fields, Chats.NONE).conversation(chat);
            if (Pairs.in(fields) && !isAnswered(messages)) {
                throw fields.bad(
                        BadRows.Reason.CONVERSATION,
                        "`%s` is the prompt of a preference, expected a conversation with an answer; data convert --to"
                                        .formatted(chat)
                                + " prompt_completion makes demonstrations of what was chosen");
            }
            Content whole = new Content.Messages(messages);
            return Example.of(
                    Kind.LANGUAGE, chat, NOTHING, List.of(new Answer(chat, whole, 0, Double.NaN, null)), fields);
        }
        if (fields.has("completion") || fields.has("output")) {
            return single(fields, fields.has("completion") ? "completion" : "output", Kind.DEMONSTRATION, "", null);
        }
        if (fields.has("text")) {
            Content text = new Content.Text(fields.completion("text"));
            return Example.of(
                    Kind.LANGUAGE, "text", NOTHING, List.of(new Answer("text", text, 0, Double.NaN, null)), fields);
        }
        throw other(fields, "`prompt` and `completion`, `messages` or `text`");
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
        boolean inAnswers = Comparison.inTurns(fields) || Pairs.in(fields) && isChat(fields, "chosen");
        if (inAnswers || !fields.hasPrompt() && (Pairs.in(fields) || Comparison.in(fields))) {
            return asked(fields, "prompt", ranked(fields, false).prompt());
        }
        return asked(fields, fields.has("prompt") ? "prompt" : "instruction", new Content.Text(fields.prompt()));
    }

    private static Example asked(Fields fields, String form, Content prompt) {
        return Example.of(Kind.PROMPT, form, prompt, List.of(), fields);
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

    static boolean anyChat(Fields fields, String... names) {
        for (String name : names) {
            if (isChat(fields, name)) {
                return true;
            }
        }
        return false;
    }

    static Content content(Conversations conversations, Fields fields, String name, boolean chat)
            throws BadRowException {
        return chat
                ? new Content.Messages(conversations.messages(name, "assistant"))
                : new Content.Text(fields.completion(name));
    }

    /** Of a row that may be one of another kind. */
    private static BadRowException other(Fields fields, String expected) {
        try {
            String kind = any(fields).kind().plural();
            return unknown(
                    fields, expected, "these are %s, of which data convert makes what they can become".formatted(kind));
        } catch (BadRowException e) {
            return unknown(fields, expected, "rename the columns");
        }
    }

    private static BadRowException unknown(Fields fields, String expected, String remedy) {
        return fields.bad(
                BadRows.Reason.MISSING_FIELD,
                "found the fields %s, expected %s; %s".formatted(fields.names(), expected, remedy));
    }
}
