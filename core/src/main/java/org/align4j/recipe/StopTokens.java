package org.align4j.recipe;

import java.util.LinkedHashSet;
import java.util.Set;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.text.Tokenizer;
import tools.jackson.databind.JsonNode;

/** The tokens that end a text: {@code eos_token_id} of generation_config.json and config.json, and the tokenizer's. */
final class StopTokens {
    private StopTokens() {}

    static Set<Integer> of(ModelFolder folder, Tokenizer tokenizer) {
        Set<Integer> stops = new LinkedHashSet<>();
        add(stops, folder.config().get("eos_token_id"));
        folder.json("generation_config.json").ifPresent(generation -> add(stops, generation.get("eos_token_id")));
        if (stops.isEmpty()) {
            stops.add(tokenizer.eosId());
        }
        return stops;
    }

    private static void add(Set<Integer> stops, JsonNode ids) {
        if (ids == null || ids.isNull()) {
            return;
        }
        if (ids.isArray()) {
            ids.forEach(id -> add(stops, id));
        } else if (ids.isIntegralNumber()) {
            stops.add(ids.intValue());
        }
    }
}
