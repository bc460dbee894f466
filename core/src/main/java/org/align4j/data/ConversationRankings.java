package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.align4j.template.Rendered;
import tools.jackson.databind.JsonNode;

/** Rankings of conversations, written by a chat template as TRL 1.16 writes them for its DPOTrainer. */
final class ConversationRankings {
    private final Fields fields;
    private final Conversations conversations;

    ConversationRankings(Fields fields, Chats chats) {
        this.fields = fields;
        this.conversations = new Conversations(fields, chats);
    }

    static boolean isPair(Fields fields) {
        return RankingReader.isChat(fields, "chosen")
                || RankingReader.isChat(fields, "rejected")
                || RankingReader.isChat(fields, "prompt")
                || RankingReader.isChat(fields, "conversations");
    }

    Ranking pair() throws BadRowException {
        List<Map<String, Object>> chosen = conversations.messages("chosen", "assistant");
        List<Map<String, Object>> rejected = conversations.messages("rejected", "assistant");
        if (chosen.equals(rejected)) {
            throw RankingReader.identical(fields);
        }
        List<Map<String, Object>> prompt = ownPrompt();
        if (prompt.isEmpty()) {
            // Of a conversation that goes on where the other ends, the last message of the shorter is its completion.
            int common = 0;
            while (common < Math.min(chosen.size(), rejected.size()) - 1
                    && chosen.get(common).equals(rejected.get(common))) {
                common++;
            }
            prompt = common > 0 ? chosen.subList(0, common) : promptText();
            chosen = chosen.subList(common, chosen.size());
            rejected = rejected.subList(common, rejected.size());
        }
        List<Ranking.Completion> completions = List.of(
                Ranking.Completion.of(conversations.whole(prompt, chosen), 0, Double.NaN),
                Ranking.Completion.of(conversations.whole(prompt, rejected), 1, Double.NaN));
        if (completions.get(0).text().equals(completions.get(1).text())) {
            throw RankingReader.identical(fields);
        }
        return new Ranking(conversations.prompt(prompt), completions, true, fields.source());
    }

    Ranking list(Completions completions) throws BadRowException {
        List<Map<String, Object>> prompt = ownPrompt();
        if (prompt.isEmpty()) {
            prompt = promptText();
        }
        List<Rendered> wholes = new ArrayList<>();
        for (int i = 0; i < completions.size(); i++) {
            JsonNode text = completions.texts().get(i);
            wholes.add(conversations.whole(prompt, conversations.messages(text, completions.place(i), "assistant")));
        }
        return RankingReader.ranking(fields, conversations.prompt(prompt), wholes, completions, true);
    }

    /** The messages before the completions, where a column has them. */
    private List<Map<String, Object>> ownPrompt() throws BadRowException {
        for (String name : List.of("prompt", "conversations")) {
            if (RankingReader.isChat(fields, name)) {
                return conversations.messages(name, "user");
            }
        }
        return List.of();
    }

    private List<Map<String, Object>> promptText() throws BadRowException {
        if (!fields.hasPrompt()) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "there is no `prompt`, and the conversations have no first message in common; add the column");
        }
        return List.of(Conversations.message("user", fields.prompt()));
    }
}
