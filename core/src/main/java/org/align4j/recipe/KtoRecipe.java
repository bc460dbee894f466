package org.align4j.recipe;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.data.Chats;
import org.align4j.data.LabelledReader;
import org.align4j.data.Lazily;
import org.align4j.data.Mismatched;
import org.align4j.data.RowStore;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TrainedTurns;
import org.align4j.objective.Objective;
import org.align4j.objective.Unpaired;
import org.align4j.text.Tokenizer;
import org.align4j.train.StepMetrics;
import org.align4j.train.UnpairedMetrics;

/**
 * KTO and its kin: a model folder and completions called good or bad to an aligned model folder. The loss is {@link
 * Unpaired}, the loop {@link PolicyLoop}.
 *
 * <p>As in TRL, rows that follow each other in the file lend each other their completions for the KL term; they stay in one
 * batch, and shuffling changes the order of batches only.
 */
public final class KtoRecipe implements PolicyTask {
    private final KtoConfig config;

    private KtoRecipe(KtoConfig config) {
        this.config = config;
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(KtoConfig config, RunListener listener) {
        return PolicyLoop.run(new KtoRecipe(HubFiles.local(KtoConfig.SCHEMA, config, listener)), listener);
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return KtoConfig.SCHEMA.toMap(config);
    }

    @Override
    public Optional<ReferenceConfig> reference() {
        return Optional.of(config.reference());
    }

    @Override
    public TrainedTurns turns() {
        return config.turns().turns();
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        TrainingData rows = TrainingData.load(
                config(),
                config().maxLength(),
                Integer.MAX_VALUE, // what neighbours lend is cut beside its own prompt
                source -> new TrainingData.Reading(
                        (file, consumer) -> LabelledReader.read(file, config().onBadRow(), chats, consumer), 0),
                tokenizer,
                store,
                listener);
        // Steps are shuffled whole; of a file that is sorted, as unpaired pairs are, each would see one side only.
        TokenizedRankings train = config().shuffle() ? rows.train().shuffled(config().seed()) : rows.train();
        listener.message(balance(train.trees()));
        return config.lossType() == Unpaired.Kind.KTO
                ? new TrainingData(mismatched(train), mismatched(rows.eval()))
                : new TrainingData(train, rows.eval());
    }

    private TokenizedRankings mismatched(TokenizedRankings rows) {
        return rows.with(Mismatched.add(rows.trees(), rows.whole(), config().trainBatchSize(), config().maxLength()));
    }

    /** How many rows there are of each kind, and the weight that would make up for it (KTO, equation 8). */
    private String balance(List<TokenTree> trees) {
        long good = trees.stream()
                .filter(tree -> tree.branches().get(0).tier() == 0)
                .count();
        long bad = trees.size() - good;
        String counts = "%,d desirable and %,d undesirable rows".formatted(good, bad);
        if (good == 0 || bad == 0) {
            return counts + ": the loss sees one side only";
        }
        double lowest = bad * config.undesirableWeight() / good;
        if (config.lossType() != Unpaired.Kind.KTO) {
            return counts; // the advice is for KTO's loss
        }
        boolean even = config.desirableWeight() >= lowest * 0.995 && config.desirableWeight() <= lowest * 1.33;
        return even
                ? counts
                : counts
                        + String.format(
                                Locale.ROOT,
                                "; the KTO paper would have desirable_weight between %.2f and %.2f",
                                lowest,
                                1.33 * lowest);
    }

    /** Rows that lend each other completions stay together. */
    @Override
    public List<List<TokenTree>> units(List<TokenTree> trees) {
        int size = config().trainBatchSize();
        return Lazily.list(
                (trees.size() + size - 1) / size, i -> trees.subList(i * size, Math.min(trees.size(), (i + 1) * size)));
    }

    @Override
    public int unitsPerStep() {
        return 1;
    }

    @Override
    public Objective objective() {
        return config.objective();
    }

    @Override
    public StepMetrics metrics() {
        return new UnpairedMetrics(config.objective());
    }

    @Override
    public References references(TrainingRun run) {
        return References.of(run, config.reference(), config.objective());
    }

    /** Without the mismatched completions. */
    @Override
    public long tokens(List<TokenTree> batch) {
        long tokens = 0;
        for (TokenTree tree : batch) {
            tokens += tree.trunk().length + tree.branches().get(0).tokens().length;
        }
        return tokens;
    }
}
