package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Frozen weights whose linear layers lie in four bits (Dettmers et al. 2023) and are made to matrices of the compute type one
 * at a time, where they are needed. As in transformers, embeddings, norms, biases and the head are left as they are; experts,
 * which transformers 5 leaves, too, are not.
 */
public final class FourBitWeights extends ForwardingWeights implements AutoCloseable {
    private static final String WEIGHT = ".weight";

    private final Parameters others;
    private final boolean inputFirst;
    private final FourBit form;
    private final Map<String, long[]> layers; // layer → {out, in}
    private final Map<String, FourBitMatrix> matrices = new LinkedHashMap<>();

    private FourBitWeights(Architecture architecture, Parameters others, FourBit form) {
        super(others);
        this.others = others;
        this.form = form;
        inputFirst = architecture.inputFirst();
        layers = LoraLayers.all(architecture);
    }

    /** Weights to {@link #put}: all but {@link #others}, which are 0. */
    public static FourBitWeights allocate(Architecture architecture, Dtype computeType, FourBit form) {
        Map<String, long[]> shapes = new LinkedHashMap<>(architecture.tensors());
        LoraLayers.names(architecture).forEach(layer -> shapes.remove(layer + WEIGHT));
        return new FourBitWeights(architecture, Parameters.allocate(shapes, computeType, false), form);
    }

    /** Whether a tensor of the architecture lies in four bits. */
    public boolean has(String name) {
        return name.endsWith(WEIGHT) && layers.containsKey(layer(name));
    }

    private static String layer(String name) {
        return name.substring(0, name.length() - WEIGHT.length());
    }

    /** Rounds a layer's weight, as it lies in the files, in the compute type. */
    public void put(String name, Tensor weight) {
        matrices.put(layer(name), FourBitMatrix.of(inputFirst ? weight.transpose(0, 1) : weight, form));
    }

    /** What is not in four bits. */
    public Parameters others() {
        return others;
    }

    private Tensor apply(String layer, Tensor x, boolean bias) {
        try (StepScope scope = StepScope.open()) {
            Tensor weight = matrices.get(layer).decode(others.computeType());
            return scope.keep(x.linear(weight, bias ? others.get(layer + ".bias") : null));
        }
    }

    @Override
    public Tensor linear(String name, Tensor x, boolean bias) {
        return apply(name, x, bias);
    }

    @Override
    public Tensor[] linear(List<String> names, Tensor x, boolean bias) {
        return names.stream().map(name -> apply(name, x, bias)).toArray(Tensor[]::new);
    }

    @Override
    public Tensor linear(String name, Tensor x, Tensor tokens) {
        return apply(name, x, false);
    }

    @Override
    public Tensor conv(String name, Tensor x) {
        return apply(name, x, true);
    }

    @Override
    public void close() {
        matrices.values().forEach(FourBitMatrix::close);
        others.close();
    }
}
