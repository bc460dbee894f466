package org.align4j.model;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.align4j.tensor.Crew;
import org.align4j.tensor.SplitGated;
import org.align4j.tensor.SplitLinear;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * A model's linear layers as they are when it decodes: in pieces, perhaps packed, made when a layer is first computed.
 * Several threads may decode with them, each with a crew of its own, as long as the weights stay what they are.
 */
public final class SplitLayers implements AutoCloseable {
    private final Weights weights;
    private final int threads;
    private final boolean packed;
    private final Map<List<String>, SplitLinear> layers = new ConcurrentHashMap<>();
    private final Map<List<String>, SplitGated> blocks = new ConcurrentHashMap<>();

    /** @param threads of the largest crew that will compute */
    public SplitLayers(CausalLm model, int threads, boolean packed) {
        this.weights = model.parameters();
        this.threads = threads;
        this.packed = packed;
    }

    /** The model's tensors, their layers computed by a crew. */
    Weights by(Crew crew) {
        return new Weights() {
            @Override
            public Tensor get(String name) {
                return weights.get(name);
            }

            /** What a block leaves behind makes room for the next, and is still in the caches then. */
            @Override
            public Tensor block(Tensor x, UnaryOperator<Tensor> compute) {
                try (StepScope scope = StepScope.open()) {
                    return scope.keep(compute.apply(x));
                }
            }

            @Override
            public Tensor linear(String name, Tensor x, boolean bias) {
                return linear(List.of(name), x, bias)[0];
            }

            @Override
            public Tensor[] linear(List<String> names, Tensor x, boolean bias) {
                return layers.computeIfAbsent(
                                names, n -> split(all(n, ".weight"), bias ? all(n, ".bias") : List.of(), crew))
                        .apply(x, crew);
            }

            @Override
            public Tensor gated(List<String> gateUpDown, UnaryOperator<Tensor> activation, Tensor x, boolean bias) {
                if (!packed || SplitLinear.isSmall(all(gateUpDown, ".weight"))) {
                    return Weights.super.gated(gateUpDown, activation, x, bias);
                }
                return blocks.computeIfAbsent(
                                gateUpDown,
                                n -> new SplitGated(
                                        all(n, ".weight"), bias ? all(n, ".bias") : List.of(), threads, crew))
                        .apply(x, activation, crew);
            }

            @Override
            public Tensor conv(String name, Tensor x) {
                return layers.computeIfAbsent(List.of(name), n -> {
                            Tensor matrix = get(name + ".weight").transpose(0, 1);
                            return split(List.of(matrix), List.of(get(name + ".bias")), crew);
                        })
                        .apply(x, crew)[0];
            }

            @Override
            public Tensor head(Architecture architecture, Tensor x) {
                return layers.computeIfAbsent(List.of(architecture.head()), n -> {
                            List<Tensor> bias = architecture.headBias().stream()
                                    .map(this::get)
                                    .toList();
                            return split(List.of(get(architecture.head())), bias, crew);
                        })
                        .apply(x, crew)[0];
            }
        };
    }

    private List<Tensor> all(List<String> names, String suffix) {
        return names.stream().map(name -> weights.get(name + suffix)).toList();
    }

    private SplitLinear split(List<Tensor> matrices, List<Tensor> biases, Crew crew) {
        return new SplitLinear(matrices, biases, threads, packed, crew);
    }

    @Override
    public void close() {
        layers.values().forEach(SplitLinear::close);
        blocks.values().forEach(SplitGated::close);
    }
}
