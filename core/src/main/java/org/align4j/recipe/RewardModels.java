package org.align4j.recipe;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.data.BadRows;
import org.align4j.data.PackedBatch;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.ScratchFile;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.reward.ModelReward;

/**
 * Reward models that score together: an ensemble of all their heads. Each reads the rows with its own template and tokenizer.
 * One after the other is in memory; what the others said waits in a file.
 */
final class RewardModels implements AutoCloseable {
    private final ScoreConfig config;
    private final List<RewardModel> models = new ArrayList<>();
    private final List<RowStore> stores = new ArrayList<>();
    private final List<TokenizedRankings> data = new ArrayList<>();
    private ScratchFile said;

    private RewardModels(ScoreConfig config) {
        this.config = config;
    }

    static RewardModels open(ScoreConfig config, RunListener listener) {
        RewardModels opened = new RewardModels(config);
        try {
            for (Path path : config.rewardModel()) {
                opened.models.add(RewardModel.open(ModelChoice.of(path, config.adapter(), listener)));
            }
            if (opened.models.size() > 1) {
                opened.requireRewards();
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void requireRewards() {
        for (RewardModel model : models) {
            if (model.ofSteps()) {
                throw AlignException.usage(
                        model.path() + ": is a process reward model, which judges steps and goes into"
                                + " no ensemble; score with it alone");
            }
        }
    }

    RewardModel first() {
        return models.get(0);
    }

    boolean ofSteps() {
        return first().ofSteps();
    }

    /** Reads the rows for all models; such as are too long for one go to none. */
    void read(Path scratch, RunListener listener) {
        said = ScratchFile.in(scratch);
        List<TreeBuilder> builders = new ArrayList<>();
        List<TreeBuilder.Filling> fillings = new ArrayList<>();
        for (RewardModel model : models) {
            RowStore store = RowStore.in(scratch);
            stores.add(store);
            TreeBuilder builder = new TreeBuilder(model.tokenizer(), config.maxLength());
            builders.add(builder);
            fillings.add(builder.fill(store));
        }
        BadRows bad = RankingReader.readUnranked(
                config.data(),
                config.onBadRow(),
                models.stream().map(model -> model.chats(config.chatTemplate())).toList(),
                written -> {
                    if (listener.stopRequested()) {
                        throw new RunInterrupted();
                    }
                    for (int m = 0; m < fillings.size(); m++) {
                        fillings.get(m).accept(written.get(m));
                    }
                });
        fillings.forEach(TreeBuilder.Filling::finish);
        bad.summary().forEach(listener::message);
        int[] kept = IntStream.range(0, stores.get(0).size()).toArray();
        for (int m = 0; m < models.size(); m++) {
            TokenizedRankings left = builders.get(m).select(stores.get(m), kept).uncompared();
            kept = left.positions().stream().mapToInt(Integer::intValue).toArray();
            String whose = models.size() == 1 ? "" : models.get(m).path() + ": ";
            left.report().lines().forEach(line -> listener.message(whose + line));
            data.add(left);
        }
        for (int m = 0; m < models.size(); m++) {
            if (data.get(m).trees().size() > kept.length) { // a later model left out more
                data.set(m, builders.get(m).select(stores.get(m), kept));
            }
        }
    }

    /**
     * Scores the rows with all models.
     *
     * @param consumer gets the rows as the first model reads them, and what gives the rewards of their batches by all models
     *     (heads × completions); it must ask for each batch once, in order
     */
    void scored(BiConsumer<TokenizedRankings, Function<PackedBatch, double[][]>> consumer, RunListener listener) {
        List<Said> others = new ArrayList<>();
        for (int m = 1; m < models.size(); m++) {
            others.add(new Said(said.size(), models.get(m).heads()));
            say(m, listener);
        }
        try (RewardModel.Loaded loaded = models.get(0).load(config.dtype().resolve())) {
            ModelReward first = checked(0, loaded, listener);
            consumer.accept(data.get(0), batch -> {
                List<double[]> heads = new ArrayList<>(Arrays.asList(first.rewards(batch)));
                int completions = heads.get(0).length;
                others.forEach(other -> heads.addAll(other.next(completions)));
                return heads.toArray(new double[0][]);
            });
        }
    }

    /** Scores with one model and keeps what it says. */
    private void say(int m, RunListener listener) {
        String what = "scoring with model %d of %d".formatted(m + 1, models.size());
        try (RewardModel.Loaded loaded = models.get(m).load(config.dtype().resolve())) {
            ModelReward reward = checked(m, loaded, listener);
            List<TokenTree> trees = data.get(m).trees();
            int done = 0;
            for (PackedBatch batch : PackedBatch.splitLazily(trees, config.tokensPerMicrobatch())) {
                append(reward.rewards(batch));
                done += batch.trees().size();
                listener.preparing(what, done, trees.size());
                if (listener.stopRequested()) {
                    throw new RunInterrupted();
                }
            }
        }
    }

    private ModelReward checked(int m, RewardModel.Loaded loaded, RunListener listener) {
        RewardModel model = models.get(m);
        ModelLimits.check(loaded.model(), data.get(m), model.path(), config.maxLength(), listener::message);
        return new ModelReward(loaded.model(), model.pooling(), model.padId());
    }

    /** Completion after completion, so that batches may be of other sizes when it is read again. */
    private void append(double[][] rewards) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * rewards.length * rewards[0].length);
        for (int completion = 0; completion < rewards[0].length; completion++) {
            for (double[] head : rewards) {
                bytes.putDouble(head[completion]);
            }
        }
        said.append(bytes.flip());
    }

    /** What a model said, to be read in order. */
    private final class Said {
        private final int heads;
        private long place;

        private Said(long place, int heads) {
            this.place = place;
            this.heads = heads;
        }

        private List<double[]> next(int completions) {
            double[][] rewards = new double[heads][completions];
            int size = Double.BYTES * heads * completions;
            ByteBuffer bytes = said.read(place, size);
            place += size;
            for (int completion = 0; completion < completions; completion++) {
                for (double[] head : rewards) {
                    head[completion] = bytes.getDouble();
                }
            }
            return List.of(rewards);
        }
    }

    @Override
    public void close() {
        models.forEach(RewardModel::close);
        stores.forEach(RowStore::close);
        Optional.ofNullable(said).ifPresent(ScratchFile::close);
    }
}
