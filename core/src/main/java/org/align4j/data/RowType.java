package org.align4j.data;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.align4j.data.Example.Kind;

/** Types of rows that can be written. The first six are TRL's; conversations stay conversations in all but the last. */
public enum RowType {
    /** {@code text}, or of a conversation {@code messages}. */
    LANGUAGE_MODELING,
    /** {@code prompt}. */
    PROMPT_ONLY,
    /** {@code prompt}, {@code completion}. */
    PROMPT_COMPLETION,
    /** {@code prompt}, {@code chosen}, {@code rejected}; {@code margin}, or {@code score_chosen} and {@code score_rejected}. */
    PREFERENCE,
    /** {@code prompt}, {@code completion}, {@code label}. */
    UNPAIRED_PREFERENCE,
    /** {@code prompt}, {@code completions}, {@code labels}: the steps of one answer. */
    STEPWISE_SUPERVISION,
    /** Preferences whose {@code chosen} and {@code rejected} both begin with the prompt. */
    IMPLICIT_PREFERENCE,
    /** {@code prompt}, {@code completions}, {@code ranks}. */
    RANKING,
    /** {@code prompt}, {@code completions}, {@code scores}. */
    SCORED_RANKING,
    /** {@code messages}; a text prompt is the user's, a text answer the assistant's. */
    MESSAGES,
    /** {@code conversations} of {@code from} and {@code value}; with {@code chosen} and {@code rejected}, or {@code label}. */
    SHAREGPT,
    /** {@code instruction}, {@code input}, {@code output}; or {@code chosen} and {@code rejected}; or with {@code label}. */
    ALPACA;

    /** What an example can become. */
    static Set<RowType> of(Example example) {
        boolean bare = example.kind() == Kind.LANGUAGE && !example.isChat();
        if (bare) {
            return EnumSet.of(LANGUAGE_MODELING);
        }
        if (example.answers().isEmpty() || example.kind() == Kind.SAMPLES) {
            return EnumSet.of(PROMPT_ONLY);
        }
        Set<RowType> types = EnumSet.of(LANGUAGE_MODELING, PROMPT_ONLY, PROMPT_COMPLETION, MESSAGES, SHAREGPT, ALPACA);
        switch (example.kind()) {
            case LABELLED -> types.add(UNPAIRED_PREFERENCE);
            case STEPS -> types.addAll(Set.of(UNPAIRED_PREFERENCE, STEPWISE_SUPERVISION));
            case RANKING -> {
                types.addAll(Set.of(PREFERENCE, IMPLICIT_PREFERENCE, UNPAIRED_PREFERENCE, RANKING));
                if (example.hasScores()) {
                    types.add(SCORED_RANKING);
                }
            }
            default -> {}
        }
        return types;
    }

    /** The names of some, for messages. */
    static String names(Set<RowType> types) {
        List<String> names = new ArrayList<>();
        types.forEach(type -> names.add(type.name().toLowerCase(Locale.ROOT)));
        return String.join(", ", names);
    }
}
