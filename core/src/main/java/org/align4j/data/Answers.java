package org.align4j.data;

import java.util.List;
import java.util.Map;
import org.align4j.template.Rendered;

/** A prompt and its single answer, plain or conversational. */
final class Answers {
    private Answers() {}

    /** @param name of the answer's field */
    static Ranking read(Fields fields, String name, int tier, Chats chats) throws BadRowException {
        boolean chat = RankingReader.isChat(fields, "prompt") || RankingReader.isChat(fields, name);
        if (!chat) {
            return Ranking.single(fields.prompt(), fields.completion(name), tier, fields.source());
        }
        Conversations conversations = new Conversations(fields, chats);
        List<Map<String, Object>> prompt = conversations.messages("prompt", "user");
        Rendered whole = conversations.whole(prompt, conversations.messages(name, "assistant"));
        return Ranking.single(conversations.prompt(prompt), whole, tier, fields.source());
    }
}
