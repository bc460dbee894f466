package org.align4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.checkpoint.SafetensorsFile;
import org.align4j.checkpoint.SafetensorsWriter;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.model.Lora;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run needs to go on exactly where it stopped, besides weights and optimizer: everything random is drawn from
 * the seed and the step, so the step is also the state of the random numbers and the position in the data.
 *
 * @param step optimizer steps done
 * @param numTokens tokens seen, as TRL counts them
 * @param memory what the objective carries from step to step; empty for most
 * @param identity hashes and settings that decide what is computed; a run resumes only where they are the same
 */
public record RunState(int step, long numTokens, List<Double> memory, Map<String, String> identity) {
    private static final String PREFIX = "checkpoint-";
    private static final String STATE = "trainer_state.json";
    private static final String REFERENCE = "moving_reference.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";

    /** The state after one more step. */
    public RunState next(long tokens, double[] newMemory) {
        return new RunState(
                step + 1, numTokens + tokens, Arrays.stream(newMemory).boxed().toList(), identity);
    }

    /** Refuses to go on with other data, weights or settings than those of this state, naming the first that differs. */
    public void requireIdentity(Map<String, String> now) {
        for (Map.Entry<String, String> entry : now.entrySet()) {
            String then = identity.get(entry.getKey());
            if (!entry.getValue().equals(then)) {
                throw AlignException.usage("cannot resume after step " + step + ": " + entry.getKey() + " was " + then
                        + ", now it is " + entry.getValue() + "; set it back, or start anew with --overwrite");
            }
        }
    }

    /**
     * Writes {@code checkpoint-N}: a Hugging Face folder, or that of an adapter, in float32 with the optimizer and this
     * state. All or nothing.
     *
     * @param movingReference the reference, if it changes in training
     */
    public void save(
            Path output, CausalLm model, AdamW optimizer, Optional<CausalLm> movingReference, ModelWriter writer) {
        AtomicFiles.replaceFolder(output.resolve(PREFIX + step), folder -> {
            writer.write(folder, model, Dtype.F32);
            SafetensorsWriter.write(
                    folder.resolve(OPTIMIZER),
                    List.of(
                            ModelWriter.source("exp_avg", optimizer.firstMoments(), Dtype.F32),
                            ModelWriter.source("exp_avg_sq", optimizer.secondMoments(), Dtype.F32)));
            if (movingReference.isPresent()) {
                SafetensorsWriter.write(
                        folder.resolve(REFERENCE),
                        List.of(ModelWriter.source(
                                "reference", movingReference.get().parameters().flat(), Dtype.F32)));
            }
            ObjectNode state = JsonFiles.newObject();
            state.put("step", step);
            state.put("num_tokens", numTokens);
            if (!memory.isEmpty()) {
                ArrayNode numbers = state.putArray("objective");
                memory.forEach(numbers::add);
            }
            ObjectNode identityNode = state.putObject("identity");
            identity.forEach(identityNode::put);
            JsonFiles.write(folder.resolve(STATE), state);
        });
    }

    /** Checkpoints of an output folder, oldest first. */
    public static List<Path> checkpoints(Path output) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(output)) {
            try (Stream<Path> children = Files.list(output)) {
                children.filter(child -> stepOf(child) >= 0).forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        found.sort((a, b) -> Integer.compare(stepOf(a), stepOf(b)));
        return found;
    }

    private static int stepOf(Path folder) {
        String name = folder.getFileName().toString();
        if (!name.startsWith(PREFIX) || !Files.isRegularFile(folder.resolve(STATE))) {
            return -1;
        }
        try {
            return Integer.parseInt(name.substring(PREFIX.length()));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Deletes the oldest checkpoints beyond the limit; 0 keeps all. */
    public static void prune(Path output, int limit) {
        List<Path> all = checkpoints(output);
        for (int i = 0; limit > 0 && i < all.size() - limit; i++) {
            AtomicFiles.deleteFolder(all.get(i));
        }
    }

    /** The state of the newest checkpoint. */
    public static Optional<RunState> newest(Path output) {
        List<Path> all = checkpoints(output);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode state = JsonFiles.readObject(all.get(all.size() - 1).resolve(STATE));
        for (String key : List.of("step", "num_tokens", "identity")) {
            if (!state.has(key)) {
                throw AlignException.badInput(all.get(all.size() - 1).resolve(STATE) + ": has no \"" + key
                        + "\"; remove this checkpoint to resume from the one before");
            }
        }
        Map<String, String> identity = new LinkedHashMap<>();
        state.get("identity")
                .properties()
                .forEach(entry -> identity.put(entry.getKey(), entry.getValue().stringValue()));
        List<Double> memory = new ArrayList<>();
        state.path("objective").forEach(number -> memory.add(number.doubleValue()));
        return Optional.of(new RunState(
                state.get("step").intValue(), state.get("num_tokens").longValue(), memory, identity));
    }

    /** Loads the weights of this state's checkpoint. */
    public CausalLm loadModel(Path output, Function<ModelFolder, CausalLm> loader) {
        try (ModelFolder folder = ModelFolder.open(output.resolve(PREFIX + step))) {
            return loader.apply(folder);
        }
    }

    /** Loads the adapter of this state's checkpoint. */
    public Lora loadAdapter(Path output, Architecture architecture, Dtype computeType) {
        try (AdapterFolder folder = AdapterFolder.open(output.resolve(PREFIX + step))) {
            return folder.load(architecture, computeType, true);
        }
    }

    /** Loads the moments of this state's checkpoint into an optimizer. */
    public void loadOptimizer(Path output, AdamW optimizer) {
        Path folder = output.resolve(PREFIX + step);
        try (StepScope scope = StepScope.open();
                SafetensorsFile file = SafetensorsFile.open(folder.resolve(OPTIMIZER))) {
            fill(optimizer.firstMoments(), file, "exp_avg");
            fill(optimizer.secondMoments(), file, "exp_avg_sq");
        }
        optimizer.resumeAfter(step);
    }

    /** Loads the moving reference of this state's checkpoint into a model. */
    public void loadReference(Path output, CausalLm reference) {
        Path folder = output.resolve(PREFIX + step);
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                SafetensorsFile file = SafetensorsFile.open(folder.resolve(REFERENCE))) {
            fill(reference.parameters().flat(), file, "reference");
            reference.parameters().refresh();
        }
    }

    private static void fill(Tensor moments, SafetensorsFile file, String name) {
        long[] shape = file.tensor(name).shape();
        if (shape.length != 1 || shape[0] != moments.count()) {
            throw AlignException.badInput(file.path() + ": tensor " + name + " does not fit the model, expected ["
                    + moments.count() + "]; remove this checkpoint to resume from the one before");
        }
        moments.copyInPlace(Tensor.ofBytes(Dtype.F32, file.chunks(name), shape));
    }
}
