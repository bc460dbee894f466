package org.align4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads completions that somebody called good or bad:
 *
 * <pre>
 * {"prompt": "2+2=", "completion": " 4", "label": true}
 * {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}], "label": false}
 * {"messages": [{"role": "user", …}, {"role": "assistant", …}], "label": true}       the last message is judged
 * {"instruction": "Add", "input": "2+2", "output": "4", "kto_tag": true}             so do ShareGPT's conversations
 * </pre>
 *
 * A label may also be 1 or 0. Each row becomes a {@link Ranking} of one completion, of tier 0 if it is good and 1 if it is
 * bad. Files are those of {@link RankingReader}.
 *
 * <p>A pair of {@link RankingReader} becomes two: chosen is good, rejected is bad. As with TRL 1.16's
 * {@code unpair_preference_dataset} the chosen ones of a thousand pairs come first, then the rejected ones: KTO learns from
 * what stands next to each other.
 */
public final class LabelledReader {
    /** Of {@code datasets.map(batched=True)}. */
    private static final int PAIRS_AT_ONCE = 1000;

    private LabelledReader() {}

    /** Streams a file, as {@link RankingReader#read} does. */
    public static BadRows read(Path file, OnBadRow onBadRow, Chats chats, Consumer<? super Ranking> consumer) {
        List<Ranking> rejected = new ArrayList<>();
        BadRows bad =
                JsonRows.read(file, onBadRow, (row, source) -> parse(new Fields(row, source), chats), rankings -> {
                    consumer.accept(rankings.get(0));
                    rejected.addAll(rankings.subList(1, rankings.size()));
                    if (rejected.size() == PAIRS_AT_ONCE) {
                        rejected.forEach(consumer);
                        rejected.clear();
                    }
                });
        rejected.forEach(consumer);
        return bad;
    }

    private static List<Ranking> parse(Fields fields, Chats chats) throws BadRowException {
        boolean pair = fields.has("chosen") && fields.has("rejected");
        boolean labelled = !pair && (fields.has("label") || fields.has("kto_tag"));
        boolean ranked = pair || Comparison.in(fields) || Completions.in(fields);
        List<Ranking> rankings = new ArrayList<>();
        for (Example example : ranked && !labelled ? unpaired(fields) : List.of(Forms.labelled(fields))) {
            rankings.add(example.ranking(chats));
        }
        return rankings;
    }

    private static List<Example> unpaired(Fields fields) throws BadRowException {
        Example pair = Forms.ranking(fields);
        if (pair.answers().size() > 2) {
            throw fields.bad(
                    BadRows.Reason.MISSING_FIELD,
                    "there are %d completions and no labels, expected a pair or labelled completions; data convert --to"
                                    .formatted(pair.answers().size())
                            + " unpaired_preference makes such");
        }
        RankingReader.requireDifferent(pair.contradiction(), pair);
        List<Example> labelled = new Reshaping(PairChoice.ALL, loss -> {}).labelled(pair);
        if (labelled.isEmpty()) {
            throw RankingReader.tied(pair);
        }
        return labelled;
    }
}
