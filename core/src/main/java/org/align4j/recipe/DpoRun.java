package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.PackedBatch;
import org.align4j.data.Source;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.tensor.Dtype;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;
import org.align4j.train.AdamW;
import org.align4j.train.BatchPlan;
import org.align4j.train.CachedReference;
import org.align4j.train.MetricsLog;
import org.align4j.train.Reference;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;
import org.align4j.train.TensorBoardWriter;

/** What a DPO run holds: data, models, optimizer, and its place on the disk. Everything but the loop. */
final class DpoRun implements AutoCloseable {
    private final DpoConfig config;
    private final RunListener listener;
    private final List<AutoCloseable> open = new ArrayList<>();

    private RunFolder folder;
    private Dtype dtype;
    private Optional<LoraRun> lora = Optional.empty();
    private PreferenceData data;
    private BatchPlan plan;
    private int totalSteps;
    private List<PackedBatch> evalBatches;
    private ModelWriter writer;
    private Provenance provenance;
    private RunState startState;
    private MetricsLog metricsLog;
    private TensorBoardWriter tensorBoard;
    private CausalLm policy;
    private AdamW optimizer;
    private Objective objective;
    private CausalLm movingReference; // null unless the reference moves
    private Reference trainReference;
    private Reference evalReference;
    private Map<String, Object> before = Map.of();
    private Map<String, Object> after = Map.of();

    private DpoRun(DpoConfig config, RunListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /** Checks everything that can be checked before it costs time, then loads. */
    static DpoRun prepare(DpoConfig config, RunListener listener) {
        DpoRun run = new DpoRun(config, listener);
        try {
            run.prepare();
            return run;
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    private void prepare() {
        try (ModelFolder source = ModelFolder.open(config.model());
                Tokenizer tokenizer = Tokenizer.load(config.model())) {
            folder = RunFolder.open(config);
            open.add(folder);
            lora = LoraRun.of(config, source);
            folder.settleOlderRun(config.resume(), config.overwrite());
            writer = new ModelWriter(source);
            dtype = config.dtype().resolve();
            objective = config.objective();
            data = PreferenceData.load(
                    config,
                    objective.needs().contains(Need.TIES),
                    tokenizer,
                    ChatTemplate.onFirstUse(config.model()),
                    listener);
            if (objective.needs().contains(Need.SCORES)) {
                data.requireScores(config.lossType());
            }
            plan = new BatchPlan(data.train().trees(), config.trainBatchSize(), config.shuffle(), config.seed());
            totalSteps = config.maxSteps() > 0
                    ? config.maxSteps()
                    : (int) Math.ceil(config.numTrainEpochs() * plan.stepsPerEpoch());
            evalBatches = PackedBatch.split(data.eval().trees(), config.tokensPerMicrobatch());
            provenance = Provenance.of(config, dtype, totalSteps, source, lora, tokenizer, data);

            Optional<RunState> newest = config.resume() ? RunState.newest(folder.path()) : Optional.empty();
            newest.ifPresent(state -> state.requireIdentity(provenance.identity()));
            startState = newest.orElse(new RunState(0, 0, List.of(), provenance.identity()));
            if (alreadyFinished()) {
                listener.message("already finished after " + totalSteps + " steps: " + folder.path());
                return;
            }
            if (config.resume()) {
                listener.message("resuming after step " + startState.step() + " of " + totalSteps);
            }
            folder.writeConfig(DpoConfig.SCHEMA.toMap(config));
            folder.writeProvenance(provenance.json(false));
            if (lora.isPresent()) {
                open.add(lora.get());
                lora.get().loadBase(source, dtype);
            }
            prepareReference(source);
            policy = loadPolicy(source, newest);
            open.add(policy);
            checkVocabulary(policy, config.model());
        }
        checkSpace();
        optimizer = new AdamW(
                policy.trained(),
                new AdamW.Settings(config.adamBeta1(), config.adamBeta2(), config.adamEpsilon(), config.weightDecay()));
        open.add(optimizer);
        if (startState.step() > 0) {
            startState.loadOptimizer(folder.path(), optimizer);
        }
        metricsLog = MetricsLog.after(folder.path().resolve(RunFolder.METRICS), startState.step());
        int firstStep = startState.step() == 0 ? 0 : startState.step() + 1;
        tensorBoard = TensorBoardWriter.open(folder.path().resolve("tensorboard"), firstStep);
        open.add(tensorBoard);
        String trained = lora.isPresent()
                ? ", %,d trained in a LoRA adapter of rank %d on %s"
                        .formatted(
                                policy.trained().count(),
                                lora.get().settings().rank(),
                                String.join(", ", lora.get().settings().targets()))
                : "";
        listener.message("%s, %,d parameters%s, computing in %s: %,d examples, %,d steps"
                .formatted(
                        config.model().getFileName(),
                        policy.parameters().count(),
                        trained,
                        dtype == Dtype.BF16 ? "bf16 with float32 master weights" : "float32",
                        data.train().trees().size(),
                        totalSteps));
    }

    private CausalLm loadPolicy(ModelFolder source, Optional<RunState> checkpoint) {
        if (lora.isPresent()) {
            return lora.get().policy(checkpoint, folder.path());
        }
        return checkpoint.isPresent()
                ? checkpoint.get().loadModel(folder.path(), dtype)
                : ModelLoader.load(source, dtype, true);
    }

    private void prepareReference(ModelFolder source) {
        if (!objective.needs().contains(Need.REFERENCE)) {
            trainReference = Reference.none();
            evalReference = trainReference;
            return;
        }
        if (config.referenceLogps() == DpoConfig.ReferenceLogps.LIVE) {
            CausalLm reference = loadReference(source);
            open.add(reference);
            if (config.syncRefModel()) {
                movingReference = reference;
                if (startState.step() > 0) {
                    startState.loadReference(folder.path(), reference);
                }
            }
            trainReference = Reference.live(reference);
            evalReference = trainReference;
            return;
        }
        boolean tokens = objective.needs().contains(Need.TOKENS);
        Path cache = config.cacheDir().orElseGet(UserCache::folder);
        String key = provenance.referenceKey();
        int steps = Math.min(totalSteps, plan.stepsPerEpoch());
        int examples = Math.min(data.train().trees().size(), steps * config.trainBatchSize());
        trainReference = CachedReference.of(
                cache,
                key,
                plan.packed(steps, config.tokensPerMicrobatch()),
                tokens,
                () -> loadReference(source),
                done -> preparing("reference log-probabilities", done, examples),
                listener::message);
        if (evalBatches.isEmpty()) {
            return;
        }
        evalReference = CachedReference.of(
                cache,
                key,
                evalBatches,
                tokens,
                () -> loadReference(source),
                done -> preparing(
                        "reference log-probabilities (evaluation)",
                        done,
                        data.eval().trees().size()),
                listener::message);
    }

    private void preparing(String what, int done, int total) {
        listener.preparing(what, done, total);
        if (listener.stopRequested()) {
            throw new RunInterrupted();
        }
    }

    private CausalLm loadReference(ModelFolder source) {
        if (config.reference().isEmpty()) {
            CausalLm reference =
                    lora.isPresent() ? lora.get().reference() : ModelLoader.load(source, dtype, mastered());
            return checkVocabulary(reference, config.model());
        }
        try (ModelFolder other = ModelFolder.open(config.referenceFolder())) {
            return checkVocabulary(ModelLoader.load(other, dtype, mastered()), config.referenceFolder());
        }
    }

    /** A reference that moves in bf16 needs float32 masters, as only models that can be trained have. */
    private boolean mastered() {
        return config.syncRefModel() && dtype != Dtype.F32;
    }

    /** Moves the reference after a step, if it is time (TR-DPO). */
    void syncReference(int step) {
        if (config.syncRefModel() && step % config.refModelSyncSteps() == 0) {
            movingReference.parameters().moveTowards(policy.parameters(), config.refModelMixupAlpha());
        }
    }

    /** Every token id must have a row in the embedding, and every position one in a learned table. */
    private CausalLm checkVocabulary(CausalLm model, Path path) {
        ModelLimits.check(model, data.train(), path, config.maxLength(), listener);
        ModelLimits.check(model, data.eval(), path, config.maxLength(), listener);
        return model;
    }

    private void checkSpace() {
        long weights = policy.trained().count();
        long kept = config.saveTotalLimit() == 0 ? 1 : config.saveTotalLimit();
        long checkpoints = config.saveSteps() > 0 ? kept + 1 : 1;
        long finalBytes = weights * config.saveDtype().dtype().bytes();
        folder.requireSpace(finalBytes + checkpoints * weights * (config.syncRefModel() ? 16 : 12));
    }

    boolean alreadyFinished() {
        return config.resume() && folder.finishedSteps() == totalSteps;
    }

    void log(int step, Map<String, Object> metrics) {
        metricsLog.append(metrics);
        Map<String, Number> scalars = new LinkedHashMap<>();
        metrics.forEach((name, value) -> scalars.put(name, (Number) value));
        scalars.remove("step");
        tensorBoard.scalars(step, scalars);
    }

    /** Keeps the first and the last evaluation for the summary. */
    void remember(Map<String, Object> evaluation) {
        if (before.isEmpty()) {
            before = new LinkedHashMap<>(evaluation);
        }
        after = new LinkedHashMap<>(evaluation);
    }

    void saveCheckpoint(RunState state) {
        state.save(folder.path(), policy, optimizer, Optional.ofNullable(movingReference), writer);
        RunState.prune(folder.path(), config.saveTotalLimit());
        listener.message(
                "checkpoint after step " + state.step() + ": " + folder.path().resolve("checkpoint-" + state.step()));
    }

    /** The aligned model or its adapter, and then the mark that the run is finished. */
    void saveModel(RunState state) {
        writer.write(folder.path(), policy, config.saveDtype().dtype());
        folder.writeProvenance(provenance.json(true));
    }

    RunResult result(double seconds, Map<String, Object> last) {
        boolean finished = folder.finishedSteps() == totalSteps;
        int stepsDone = last.isEmpty() ? startState.step() : (int) last.get("step");
        int steps = finished ? totalSteps : stepsDone;
        return new RunResult(finished, steps, totalSteps, before, after, last, seconds, folder.path());
    }

    Objective objective() {
        return objective;
    }

    CausalLm policy() {
        return policy;
    }

    AdamW optimizer() {
        return optimizer;
    }

    BatchPlan plan() {
        return plan;
    }

    /** For the dropout of a step; another number for every step of every run. */
    long dropoutSeed(int step) {
        return new SplittableRandom(new SplittableRandom(config.seed()).nextLong() + step).nextLong();
    }

    Schedule schedule() {
        int warmup =
                config.warmupSteps() > 0 ? config.warmupSteps() : (int) Math.ceil(config.warmupRatio() * totalSteps);
        return new Schedule(config.lrSchedulerType(), config.learningRate(), warmup, totalSteps);
    }

    int totalSteps() {
        return totalSteps;
    }

    List<PackedBatch> evalBatches() {
        return evalBatches;
    }

    Reference trainReference() {
        return trainReference;
    }

    Reference evalReference() {
        return evalReference;
    }

    RunState startState() {
        return startState;
    }

    Source sourceOf(TokenTree tree) {
        return data.train().sources().get(tree.row());
    }

    @Override
    public void close() {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                throw AlignException.failure("closing the run failed: " + e.getMessage(), e);
            }
        }
        open.clear();
    }
}
