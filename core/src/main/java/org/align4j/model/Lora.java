package org.align4j.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * A low-rank adapter (Hu et al. 2021, equation 3): next to a frozen weight W (out, in) of some layers lie A (r, in) and
 * B (out, r), which alone are trained:
 *
 * <pre>
 *   h = W x + s · B A dropout(x),    s = α/r
 * </pre>
 *
 * <p>A is drawn at random and B starts at zero, so an untrained adapter changes nothing, not even a bit.
 *
 * <p>Over a reward model the adapter may also hold a head of its own, trained whole, in place of the model's ({@link
 * LoraSettings#head}).
 *
 * <p>Only {@link Parameters} of A and B live here; the adapted model is {@link CausalLm#adapted}.
 */
public final class Lora implements AutoCloseable {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final LoraSettings settings;
    private final boolean inputFirst;
    private final Map<String, Integer> layers = new LinkedHashMap<>(); // layer → its index
    private final Set<String> head; // tensors of its own in place of the model's
    private final Parameters parameters;

    private Lora(Architecture architecture, LoraSettings settings, Dtype computeType, boolean trainable) {
        this.settings = settings;
        inputFirst = architecture.inputFirst();
        for (String layer : layers(architecture, settings)) {
            layers.put(layer, layers.size());
        }
        head = headTensors(architecture, settings).keySet();
        parameters = Parameters.allocate(tensors(architecture, settings), computeType, trainable);
    }

    /** A zeroed adapter. */
    public static Lora allocate(
            Architecture architecture, LoraSettings settings, Dtype computeType, boolean trainable) {
        return new Lora(architecture, settings, computeType, trainable);
    }

    /** In the order of the architecture, so that a file that lists its targets otherwise is the same adapter. */
    private static List<String> layers(Architecture architecture, LoraSettings settings) {
        Set<String> wanted = new HashSet<>();
        for (String target : settings.targets()) {
            wanted.addAll(LoraLayers.matching(architecture, target));
        }
        List<String> layers = new ArrayList<>(LoraLayers.names(architecture));
        layers.retainAll(wanted);
        return layers;
    }

    private static Map<String, long[]> headTensors(Architecture architecture, LoraSettings settings) {
        return settings.head() && architecture instanceof ScoreHead scoring ? scoring.headTensors() : Map.of();
    }

    /**
     * Names and shapes of the adapter's tensors: {@code LAYER.lora_A.weight} (r, in), {@code LAYER.lora_B.weight} (out, r),
     * and those of the head, if it has its own.
     */
    public static Map<String, long[]> tensors(Architecture architecture, LoraSettings settings) {
        Map<String, long[]> all = LoraLayers.all(architecture);
        Map<String, long[]> tensors = new LinkedHashMap<>();
        for (String layer : layers(architecture, settings)) {
            long[] outIn = all.get(layer);
            tensors.put(layer + A, new long[] {settings.rank(), outIn[1]});
            tensors.put(layer + B, new long[] {outIn[0], settings.rank()});
        }
        tensors.putAll(headTensors(architecture, settings));
        return tensors;
    }

    /**
     * Draws A as PEFT does, uniformly within ±1/√in (He et al. 2015 with a = √5), and zeroes B. The draw is Java's, not
     * PyTorch's. A head of its own begins as that of the base.
     */
    public void initialize(long seed, Parameters base) {
        SplittableRandom random = new SplittableRandom(seed);
        for (String name : parameters.names()) {
            if (head.contains(name)) {
                parameters.stored(name).copyInPlace(base.stored(name));
                continue;
            }
            try (StepScope scope = StepScope.open()) {
                Tensor target = parameters.stored(name);
                float[] values = new float[Math.toIntExact(target.count())];
                double bound = 1 / Math.sqrt(target.size(1));
                for (int i = 0; name.endsWith(A) && i < values.length; i++) {
                    values[i] = (float) (bound * (2 * random.nextDouble() - 1));
                }
                target.copyInPlace(Tensor.of(values, target.shape()));
            }
        }
        parameters.refresh();
    }

    public LoraSettings settings() {
        return settings;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** What the adapter has in place of the model's tensor of this name, if anything. */
    Optional<Tensor> own(String name) {
        return head.contains(name) ? Optional.of(parameters.get(name)) : Optional.empty();
    }

    /** Weights whose adapted layers add the adapter's part. {@code dropout}: null for none. */
    Weights over(Weights base, Dropout dropout) {
        return new ForwardingWeights(base) {
            @Override
            public Tensor linear(String name, Tensor x, boolean bias) {
                return add(name, x, base.linear(name, x, bias), dropout, null);
            }

            @Override
            public Tensor[] linear(List<String> names, Tensor x, boolean bias) {
                Tensor[] outputs = base.linear(names, x, bias);
                for (int i = 0; i < outputs.length; i++) {
                    outputs[i] = add(names.get(i), x, outputs[i], dropout, null);
                }
                return outputs;
            }

            @Override
            public Tensor linear(String name, Tensor x, Tensor tokens) {
                return add(name, x, base.linear(name, x, tokens), dropout, tokens);
            }

            @Override
            public Tensor conv(String name, Tensor x) {
                return add(name, x, base.conv(name, x), dropout, null);
            }
        };
    }

    /** {@code tokens}: null where x has all tokens of the batch. */
    private Tensor add(String layer, Tensor x, Tensor plain, Dropout dropout, Tensor tokens) {
        Integer index = layers.get(layer);
        if (index == null) {
            return plain;
        }
        // All factors go onto the narrow (tokens, r) in the middle: cheap, and the mask stays exact in bf16.
        double scale = settings.scale();
        Tensor input = x;
        if (dropout != null) {
            Tensor mask = dropout.mask(index, x.size(1));
            input = x.mul(tokens == null ? mask : mask.indexSelect(0, tokens));
            scale *= dropout.scale();
        }
        Tensor middle = input.linear(parameters.get(layer + A), null).mul(scale);
        return Tensor.addMatmul(plain, middle, parameters.get(layer + B).transpose(0, 1));
    }

    /**
     * W + s · B A in place of every adapted W, and the head in place of the model's: afterwards the weights alone compute
     * what they did with the adapter.
     */
    public void mergeInto(Parameters weights) {
        for (String name : head) {
            weights.stored(name).copyInPlace(parameters.stored(name));
        }
        addTo(weights, settings.scale());
    }

    /** Takes {@link #mergeInto} back, to rounding; a head stays. */
    public void unmergeFrom(Parameters weights) {
        addTo(weights, -settings.scale());
    }

    private void addTo(Parameters weights, double scale) {
        for (String layer : layers.keySet()) {
            try (StepScope scope = StepScope.open()) {
                Tensor a = parameters.stored(layer + A).to(Dtype.F32);
                Tensor b = parameters.stored(layer + B).to(Dtype.F32);
                Tensor change = b.matmul(a).mulInPlace(scale); // (out, in)
                Tensor weight = weights.stored(layer + ".weight");
                Tensor sum = weight.to(Dtype.F32).add(inputFirst ? change.transpose(0, 1) : change);
                weight.copyInPlace(sum);
            }
        }
        weights.refresh();
    }

    @Override
    public void close() {
        parameters.close();
    }
}
