package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.model.CausalLm;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Libtorch;
import org.align4j.train.CachedReference;
import org.align4j.train.Reference;

/** The reference log-probabilities of a run: computed before the policy is in memory, or by a frozen or moving copy. */
final class References implements AutoCloseable {
    private final TrainingRun run;
    private final ReferenceConfig config;
    private final CausalLm live; // null where they are cached, or not needed
    private final Reference train;
    private final Reference eval;

    private References(TrainingRun run, ReferenceConfig config, CausalLm live, Reference train, Reference eval) {
        this.run = run;
        this.config = config;
        this.live = live;
        this.train = train;
        this.eval = eval;
    }

    /** For objectives that need no reference. */
    static References none() {
        return new References(null, null, null, Reference.none(), Reference.none());
    }

    /** What the objective needs. */
    static References of(TrainingRun run, ReferenceConfig config, Objective objective) {
        if (!objective.needs().contains(Need.REFERENCE)) {
            return none();
        }
        if (config.live()) {
            CausalLm model = load(run, config);
            Reference live = Reference.live(model);
            if (config.syncRefModel() && run.startState().step() > 0) {
                run.startState().loadReference(run.folder(), model);
            }
            return new References(run, config, model, live, live);
        }
        Reference train = cached(run, config, objective, run.firstEpoch(), run.firstEpochExamples(), "");
        Reference eval = run.evalBatches().isEmpty()
                ? train
                : cached(
                        run,
                        config,
                        objective,
                        run.evalBatches(),
                        run.evalTrees().size(),
                        " (evaluation)");
        return new References(run, config, null, train, eval);
    }

    private static Reference cached(
            TrainingRun run,
            ReferenceConfig config,
            Objective objective,
            Iterable<org.align4j.data.PackedBatch> batches,
            int examples,
            String use) {
        Path cache = config.cacheDir().orElseGet(UserCache::folder);
        return CachedReference.of(
                cache,
                run.folder(),
                run.referenceKey() + "\n" + Libtorch.threads() + " threads", // sums depend on them in the last bits
                batches,
                objective.needs().contains(Need.TOKENS),
                () -> load(run, config),
                done -> run.preparing("reference log-probabilities" + use, done, examples),
                run::message);
    }

    private static CausalLm load(TrainingRun run, ReferenceConfig config) {
        // A reference that moves in bf16 needs float32 masters, as only models that can be trained have.
        boolean mastered = config.syncRefModel() && run.dtype() != Dtype.F32;
        if (config.reference().isEmpty()) {
            return run.loadStart(mastered);
        }
        Path path = config.reference().get();
        try (ModelFolder other = ModelFolder.open(path)) {
            return run.checkVocabulary(ModelLoader.load(other, run.dtype(), mastered), path);
        }
    }

    Reference train() {
        return train;
    }

    Reference eval() {
        return eval;
    }

    /** The reference model, if it changes in training. */
    Optional<CausalLm> moving() {
        return config != null && config.syncRefModel() ? Optional.of(live) : Optional.empty();
    }

    /** Moves the reference after a step, if it is time (TR-DPO). */
    void sync(int step) {
        if (moving().isPresent() && step % config.refModelSyncSteps() == 0) {
            live.parameters().moveTowards(run.policy().parameters(), config.refModelMixupAlpha());
        }
    }

    @Override
    public void close() {
        train.close();
        eval.close();
        if (live != null) {
            live.close();
        }
    }
}
