package org.align4j.checkpoint;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.align4j.model.Architecture;
import org.align4j.model.Architectures;
import org.align4j.model.CausalLm;
import org.align4j.model.FourBit;
import org.align4j.model.FourBitWeights;
import org.align4j.model.HfConfig;
import org.align4j.model.Parameters;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** From a Hugging Face folder, or a GGUF file, to a model in memory. */
public final class ModelLoader {
    private ModelLoader() {}

    /**
     * Loads a model, after checking all names, shapes and types against config.json.
     *
     * @param computeType what the model computes in; the file's own type does not matter
     * @param trainable whether it needs gradients and float32 masters
     */
    public static CausalLm load(ModelFolder folder, Dtype computeType, boolean trainable) {
        return load(folder, computeType, trainable, Optional.empty());
    }

    /** @param form of a frozen model's linear layers, if in four bits; they are rounded from the compute type */
    public static CausalLm load(ModelFolder folder, Dtype computeType, boolean trainable, Optional<FourBit> form) {
        return load(folder, architecture(folder), Set.of(), computeType, trainable, form);
    }

    /**
     * Makes a model of config.json alone: matrices normal with deviation {@code initializer_range} (transformers' default
     * is 0.02), norms 1, biases 0.
     */
    public static CausalLm fromScratch(ModelFolder folder, Dtype computeType, long seed) {
        Architecture architecture = architecture(folder);
        Parameters parameters = Parameters.allocate(architecture.tensors(), computeType, true);
        double width = config(folder).getDouble("initializer_range", 0.02);
        parameters.randomize(width, new SplittableRandom(seed));
        return new CausalLm(architecture, parameters);
    }

    /**
     * A new head, for a language model.
     *
     * @param deviation standard deviation of its weights
     * @param seed what they are drawn from
     */
    public record FreshHead(ScoreHead.Shape shape, double deviation, long seed) {}

    /** Loads a reward model, or a language model with a new head in place of its vocabulary. */
    public static CausalLm loadScoring(ModelFolder folder, Dtype computeType, boolean trainable, FreshHead fresh) {
        return loadScoring(folder, computeType, trainable, Optional.empty(), fresh);
    }

    /** @param form of a frozen model's linear layers, if in four bits */
    public static CausalLm loadScoring(
            ModelFolder folder, Dtype computeType, boolean trainable, Optional<FourBit> form, FreshHead fresh) {
        ScoreHead architecture = scoring(folder, fresh.shape());
        if (isScoring(folder)) {
            return load(folder, architecture, Set.of(), computeType, trainable, form);
        }
        CausalLm model = load(folder, architecture, architecture.headTensors().keySet(), computeType, trainable, form);
        model.parameters().randomize(architecture.head(), fresh.deviation(), new SplittableRandom(fresh.seed()));
        return model;
    }

    /** Whether a folder holds a reward model. */
    public static boolean isScoring(ModelFolder folder) {
        return Architectures.scoringKind(config(folder)).isPresent();
    }

    /** The reward model that config.json describes, or that is made of the language model there. */
    public static ScoreHead scoring(ModelFolder folder, ScoreHead.Shape fresh) {
        return Architectures.parseScoring(config(folder), fresh);
    }

    /** @param fresh tensors that the folder does not have; they stay 0 */
    private static CausalLm load(
            ModelFolder folder,
            Architecture architecture,
            Set<String> fresh,
            Dtype computeType,
            boolean trainable,
            Optional<FourBit> form) {
        Map<String, Architecture.Part> places = checkedPlaces(folder, architecture, fresh);
        if (form.isPresent()) {
            FourBitWeights weights = FourBitWeights.allocate(architecture, computeType, form.get());
            fill(weights, folder, architecture.tensors(), places);
            return new CausalLm(architecture, weights);
        }
        Parameters parameters = Parameters.allocate(architecture.tensors(), computeType, trainable);
        for (String name : places.keySet()) {
            fill(parameters.stored(name), folder, places.get(name));
        }
        parameters.refresh();
        return new CausalLm(architecture, parameters);
    }

    /** Where the folder has each tensor, after checking all names, shapes and types. */
    static Map<String, Architecture.Part> checkedPlaces(ModelFolder folder, Architecture architecture) {
        return checkedPlaces(folder, architecture, Set.of());
    }

    private static Map<String, Architecture.Part> checkedPlaces(
            ModelFolder folder, Architecture architecture, Set<String> fresh) {
        Map<String, Architecture.Part> places = places(folder, architecture);
        fresh.forEach(places::remove);
        Map<String, long[]> expected = new LinkedHashMap<>();
        places.values().forEach(place -> expected.put(place.tensor(), place.shape()));
        Set<String> ignored = new LinkedHashSet<>();
        for (String suffix : architecture.ignoredSuffixes()) {
            ignored.add("*" + suffix);
        }
        if (architecture instanceof ScoreHead scoring) { // the vocabulary's head has no use here
            scoring.replaced().forEach(name -> ignored.add("*" + name));
        }
        folder.checkAgainst(expected, ignored);
        return places;
    }

    private static HfConfig config(ModelFolder folder) {
        return new HfConfig(folder.config(), folder.configName());
    }

    /**
     * The language model that config.json describes.
     *
     * @throws AlignException also if it is a reward model
     */
    public static Architecture architecture(ModelFolder folder) {
        if (isScoring(folder)) {
            String name = config(folder).getStrings("architectures").orElseThrow()[0];
            throw noLanguageModel(OneLine.text(folder.path()) + ": is a reward model (" + OneLine.name(name) + ")");
        }
        return Architectures.parse(config(folder));
    }

    static AlignException noLanguageModel(String whatItIs) {
        return AlignException.usage(
                whatItIs + ", which gives rewards and no probabilities of tokens, expected a language"
                        + " model; score asks it as --reward-model, reward or prm goes on training it");
    }

    /**
     * Where the folder has each tensor. Files of a bare body ("GPT2Model" instead of "GPT2LMHeadModel") leave the prefix
     * of all names out.
     */
    private static Map<String, Architecture.Part> places(ModelFolder folder, Architecture architecture) {
        String first = architecture.tensors().keySet().iterator().next();
        String prefix = architecture.prefix();
        boolean bare =
                !folder.tensors().containsKey(first) && folder.tensors().containsKey(first.substring(prefix.length()));
        String cut = bare ? prefix : "";
        Map<String, Architecture.Part> places = new LinkedHashMap<>();
        architecture.tensors().forEach((name, shape) -> places.put(name, place(name, shape, 0, cut)));
        architecture.otherLayout().forEach((name, part) -> {
            Architecture.Part other = place(part.tensor(), part.shape(), part.first(), cut);
            if (folder.tensors().containsKey(other.tensor())) {
                places.put(name, other);
            }
        });
        return places;
    }

    private static Architecture.Part place(String name, long[] shape, long first, String prefix) {
        return new Architecture.Part(name.startsWith(prefix) ? name.substring(prefix.length()) : name, shape, first);
    }

    /** Holds one matrix at a time besides. */
    private static void fill(
            FourBitWeights weights,
            ModelFolder folder,
            Map<String, long[]> shapes,
            Map<String, Architecture.Part> places) {
        Parameters others = weights.others();
        places.forEach((name, place) -> {
            if (!weights.has(name)) {
                fill(others.stored(name), folder, place);
                return;
            }
            try (StepScope scope = StepScope.open()) {
                Tensor weight = Tensor.empty(others.computeType(), shapes.get(name));
                fill(weight, folder, place);
                weights.put(name, weight);
            }
        });
    }

    private static void fill(Tensor target, ModelFolder folder, Architecture.Part place) {
        String name = place.tensor();
        try (StepScope scope = StepScope.open()) {
            Dtype dtype = Dtype.valueOf(folder.tensors().get(name).dtype().name());
            List<ByteBuffer> bytes = folder.chunks(name, place.first() * dtype.bytes(), target.count() * dtype.bytes());
            target.copyInPlace(Tensor.ofBytes(dtype, bytes, target.shape()));
        } catch (RuntimeException e) {
            if (e instanceof AlignException) {
                throw e;
            }
            throw AlignException.badInput(
                    folder.fileOf(name) + ": tensor " + name + " cannot be read: " + e.getMessage(), e);
        }
    }
}
