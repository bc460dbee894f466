package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.align4j.Words;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.data.Chats;
import org.align4j.data.PackedBatch;
import org.align4j.data.RowStore;
import org.align4j.data.Source;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import org.align4j.train.AdamW;
import org.align4j.train.BatchPlan;
import org.align4j.train.MetricsLog;
import org.align4j.train.RunState;
import org.align4j.train.Schedule;
import org.align4j.train.TensorBoardWriter;

/**
 * What a run of any training command holds: data, model, optimizer, and its place on the disk. Everything but the loop and
 * the loss.
 */
final class TrainingRun implements AutoCloseable {
    private final TrainingTask task;
    private final TrainingConfig config;
    private final RunListener listener;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Set<String> warnings = new HashSet<>();

    private RunFolder folder;
    private ModelFolder source;
    private Dtype dtype;
    private Optional<LoraRun> lora = Optional.empty();
    private TrainingData data;
    private BatchPlan plan;
    private int totalSteps;
    private List<PackedBatch> evalBatches;
    private ModelWriter writer;
    private Provenance provenance;
    private Optional<RunState> newest;
    private RunState startState;
    private MetricsLog metricsLog;
    private TensorBoardWriter tensorBoard;
    private CausalLm policy;
    private AdamW optimizer;
    private Map<String, Object> before = Map.of();
    private Map<String, Object> after = Map.of();

    private TrainingRun(TrainingTask task, RunListener listener) {
        this.task = task;
        this.config = task.config();
        this.listener = listener;
    }

    /** Checks everything that can be checked before it costs time. {@link #load} must follow, unless the run is finished. */
    static TrainingRun open(TrainingTask task, RunListener listener) {
        TrainingRun run = new TrainingRun(task, listener);
        try {
            run.prepare();
            return run;
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    private void prepare() {
        source = task.open(config.model());
        open.add(source);
        task.architecture(source); // is it such a model at all?
        try (Tokenizer tokenizer = Tokenizer.load(config.model())) {
            List<Path> sources = new ArrayList<>(List.of(config.model()));
            task.reference().flatMap(ReferenceConfig::reference).ifPresent(sources::add);
            config.adapter().ifPresent(sources::add);
            folder = RunFolder.open(config.output(), sources);
            open.add(folder);
            lora = LoraRun.of(task, source);
            folder.checkOlderRun(config.resume(), config.overwrite());
            writer = task.writer(source, tokenizer);
            if (config.chatTemplate().isPresent()) {
                writer = writer.chatTemplate(
                        GivenTemplate.text(config.chatTemplate().get(), config.model()));
            }
            dtype = config.dtype().resolve();
            RowStore store = RowStore.in(folder.path());
            open.add(store);
            data = task.data(
                    tokenizer,
                    new Chats(GivenTemplate.orOwn(config.chatTemplate(), config.model()), task.turns()),
                    store,
                    listener);
            plan = new BatchPlan(
                    task.units(data.train().trees()), task.unitsPerStep(), config.shuffle(), config.seed());
            totalSteps = config.maxSteps() > 0
                    ? config.maxSteps()
                    : (int) Math.ceil(config.numTrainEpochs() * plan.stepsPerEpoch());
            evalBatches = PackedBatch.splitLazily(data.eval().trees(), config.tokensPerMicrobatch());
            provenance = Provenance.of(
                    config, task.settings(), task.reference(), dtype, totalSteps, source, lora, tokenizer, data);
        }
        newest = config.resume() ? RunState.newest(folder.path()) : Optional.empty();
        newest.ifPresent(state -> state.requireIdentity(provenance.identity()));
        startState = newest.orElse(new RunState(0, 0, List.of(), provenance.identity()));
        if (alreadyFinished()) {
            listener.message("already finished after " + Words.count(totalSteps, "step") + ": " + folder.path());
            return;
        }
        if (config.resume()) {
            listener.message("resuming after step " + startState.step() + " of " + totalSteps);
        }
        if (lora.isPresent()) {
            open.add(lora.get());
            lora.get().loadBase(task.load(source, dtype, false));
        }
    }

    /** Loads the model to train, fresh or from the newest checkpoint, and its optimizer. */
    void load() {
        policy = task.inTraining(checkVocabulary(loadPolicy(), config.model()));
        open.add(policy);
        checkSpace();
        optimizer = new AdamW(
                policy.trained(),
                new AdamW.Settings(config.adamBeta1(), config.adamBeta2(), config.adamEpsilon(), config.weightDecay()));
        open.add(optimizer);
        beginFolder();
        if (startState.step() > 0) {
            startState.loadOptimizer(folder.path(), optimizer);
        }
        // A run that was killed before its first checkpoint may have left its evaluation of step 0.
        int firstStep = startState.step() == 0 ? 0 : startState.step() + 1;
        metricsLog = MetricsLog.after(folder.path().resolve(RunFolder.METRICS), firstStep - 1);
        tensorBoard = TensorBoardWriter.open(folder.path().resolve("tensorboard"), firstStep);
        open.add(tensorBoard);
        String base = config.fourBit().map(form -> " in " + form).orElse("");
        String trained = lora.isPresent()
                ? base
                        + ", %,d trained in a LoRA adapter of rank %d on %s"
                                .formatted(
                                        policy.trained().count(),
                                        lora.get().settings().rank(),
                                        String.join(", ", lora.get().settings().targets()))
                : "";
        listener.message("%s, %,d parameters%s, computing in %s: %s, %s"
                .formatted(
                        HubFiles.named(config.model(), config.model().getFileName()),
                        policy.count(),
                        trained,
                        dtype == Dtype.BF16 ? "bf16 with float32 master weights" : "float32",
                        task.size(data.train()),
                        Words.count(totalSteps, "step")));
    }

    private CausalLm loadPolicy() {
        if (lora.isPresent()) {
            return lora.get().policy(newest, folder.path());
        }
        return newest.isPresent()
                ? newest.get().loadModel(folder.path(), checkpoint -> task.load(checkpoint, dtype, true))
                : task.start(source, dtype, true);
    }

    /** The model that training starts from, once more and frozen; {@code mastered}: with float32 masters all the same. */
    CausalLm loadStart(boolean mastered) {
        CausalLm model = lora.isPresent() ? lora.get().reference() : task.start(source, dtype, mastered);
        return checkVocabulary(model, config.model());
    }

    /** Every token id must have a row in the embedding, and every position one in a learned table. */
    CausalLm checkVocabulary(CausalLm model, Path path) {
        ModelLimits.check(model, data.train(), path, config.maxLength(), this::warn);
        ModelLimits.check(model, data.eval(), path, config.maxLength(), this::warn);
        return model;
    }

    private void beginFolder() {
        if (!config.resume()) {
            folder.removeOlderRun();
        }
        Map<String, Object> settings = new LinkedHashMap<>(task.settings());
        settings.replace("resume", false); // who takes this file begins a run of its own
        settings.replace("overwrite", false);
        folder.writeConfig(HubFiles.byName(settings));
        folder.writeProvenance(provenance.json(false));
    }

    /** Once, though it is true of the reference and of the policy. */
    private void warn(String line) {
        if (warnings.add(line)) {
            listener.message(line);
        }
    }

    private void checkSpace() {
        long weights = policy.trained().count();
        long kept = config.saveTotalLimit() == 0 ? 1 : config.saveTotalLimit();
        long checkpoints = config.saveSteps() > 0 ? kept + 1 : 1;
        long finalBytes = weights * config.saveDtype().dtype().bytes();
        boolean moving = task.reference().map(ReferenceConfig::syncRefModel).orElse(false);
        folder.requireSpace(finalBytes + checkpoints * weights * (moving ? 16 : 12));
    }

    boolean alreadyFinished() {
        return config.resume() && folder.finishedSteps() == totalSteps;
    }

    /** Tells of work before the first step. */
    void preparing(String what, int done, int total) {
        listener.preparing(what, done, total);
        if (listener.stopRequested()) {
            throw new RunInterrupted();
        }
    }

    void message(String line) {
        listener.message(line);
    }

    /** Writes a step's metrics everywhere, and a checkpoint if it is time. */
    void finishStep(RunState state, Map<String, Object> metrics, Optional<CausalLm> movingReference) {
        log(state.step(), metrics);
        listener.step(state.step(), totalSteps, metrics);
        if (config.saveSteps() > 0 && state.step() % config.saveSteps() == 0) {
            saveCheckpoint(state, movingReference);
        }
    }

    /** Writes the evaluation before the first step. */
    void logBefore(Map<String, Object> evaluation) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("step", 0);
        metrics.put("epoch", 0.0);
        metrics.putAll(evaluation);
        remember(metrics);
        log(0, metrics);
    }

    private void log(int step, Map<String, Object> metrics) {
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

    boolean evaluatesAfter(int step) {
        return !evalBatches.isEmpty()
                && (step == totalSteps || config.evalSteps() > 0 && step % config.evalSteps() == 0);
    }

    private void saveCheckpoint(RunState state, Optional<CausalLm> movingReference) {
        state.save(folder.path(), policy, optimizer, movingReference, writer);
        RunState.prune(folder.path(), config.saveTotalLimit());
        listener.message(
                "checkpoint after step " + state.step() + ": " + folder.path().resolve("checkpoint-" + state.step()));
    }

    /** The trained model or its adapter and the mark that the run is finished; or a checkpoint, if it was stopped. */
    void save(RunState state, Optional<CausalLm> movingReference) {
        if (state.step() < totalSteps) {
            saveCheckpoint(state, movingReference);
            return;
        }
        writer.write(folder.path(), policy, config.saveDtype().dtype());
        folder.writeProvenance(provenance.json(true));
    }

    RunResult result(double seconds, Map<String, Object> last) {
        boolean finished = folder.finishedSteps() == totalSteps;
        int stepsDone = last.isEmpty() ? startState.step() : (int) last.get("step");
        int steps = finished ? totalSteps : stepsDone;
        return new RunResult(finished, steps, totalSteps, before, after, last, seconds, folder.path());
    }

    /** Stops a run whose numbers have become infinite or undefined, naming the rows. */
    AlignException notFinite(int step, String what, List<TokenTree> rows) {
        List<String> places = new ArrayList<>();
        for (TokenTree tree : rows) {
            places.add(sourceOf(tree).toString());
        }
        return AlignException.failure(what + " of step " + step + " is not a finite number, caused by "
                + String.join(", ", places) + "; the weights of step " + (step - 1)
                + " are not written, the last checkpoint is kept; look at these rows, or lower learning_rate (now "
                + config.learningRate() + ")");
    }

    private Source sourceOf(TokenTree tree) {
        return data.train().sources().get(tree.row());
    }

    /** The examples that the first pass over the data will see, packed as training packs them. */
    Iterable<PackedBatch> firstEpoch() {
        return plan.packed(Math.min(totalSteps, plan.stepsPerEpoch()), config.tokensPerMicrobatch());
    }

    int firstEpochExamples() {
        return plan.examples(Math.min(totalSteps, plan.stepsPerEpoch()));
    }

    List<TokenTree> evalTrees() {
        return data.eval().trees();
    }

    String referenceKey() {
        return provenance.referenceKey();
    }

    Path folder() {
        return folder.path();
    }

    Dtype dtype() {
        return dtype;
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

    /** For what is random in a step; another number for every step of every run. */
    long stepSeed(int step) {
        return new SplittableRandom(new SplittableRandom(config.seed()).nextLong() + step).nextLong();
    }

    Schedule schedule() {
        int warmup =
                config.warmupSteps() > 0 ? config.warmupSteps() : (int) Math.ceil(config.warmupRatio() * totalSteps);
        if (warmup > 0 && config.lrSchedulerType() == Schedule.Kind.CONSTANT) {
            listener.message("lr_scheduler_type constant has no warm-up, as in transformers; constant_with_warmup has");
        }
        return new Schedule(config.lrSchedulerType(), config.learningRate(), warmup, totalSteps);
    }

    int totalSteps() {
        return totalSteps;
    }

    List<PackedBatch> evalBatches() {
        return evalBatches;
    }

    RunState startState() {
        return startState;
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
