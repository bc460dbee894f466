package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * All tensors of a model as views of one buffer, so that the optimizer, the gradient norm and clipping are one operation
 * each.
 *
 * <p>Trainable parameters keep a float32 master copy: bf16 has 8 bits of precision and would swallow updates smaller
 * than 1/256 of a weight. When the model computes in bf16, the views it sees are a rounded copy of the masters
 * ({@link #refresh}), and their gradients are summed in float32 ({@link #collectGradients}). When it computes in float32
 * the views are the masters themselves. Frozen parameters have no masters.
 *
 * <p>Open this outside any {@link StepScope} that must not own it; {@link #close} frees the memory.
 */
public final class Parameters implements Weights, AutoCloseable {
    /** Tensors start at multiples of this many elements: 64 bytes, what vector instructions like. */
    private static final int ALIGNMENT = 32;

    private final Map<String, long[]> shapes;
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final long matrixElements;
    private final long size;
    private final Tensor master;
    private final Tensor masterGradient;
    private final Tensor compute;
    private final Tensor computeGradient;
    private final Map<String, Tensor> views = new LinkedHashMap<>();
    private final Map<String, Tensor> storage = new LinkedHashMap<>();

    private Parameters(Map<String, long[]> shapes, Dtype computeType, boolean trainable) {
        this.shapes = new LinkedHashMap<>(shapes);
        matrixElements = place(0, true);
        size = place(matrixElements, false);
        compute = Tensor.zeros(computeType, size);
        boolean needsMaster = trainable && computeType != Dtype.F32;
        master = needsMaster ? Tensor.zeros(Dtype.F32, size) : compute;
        masterGradient = trainable ? Tensor.zeros(Dtype.F32, size) : null;
        computeGradient = needsMaster ? Tensor.zeros(computeType, size) : masterGradient;
        for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
            String name = entry.getKey();
            Tensor view = view(compute, name);
            if (trainable) {
                view.requireGrad();
                view.setGrad(view(computeGradient, name));
            }
            views.put(name, view);
            storage.put(name, needsMaster ? view(master, name) : view);
        }
    }

    /** Gives matrices, or all others, their places from {@code start} on, and returns where they end. */
    private long place(long start, boolean matrices) {
        long at = start;
        for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
            if (entry.getValue().length > 1 == matrices) {
                offsets.put(entry.getKey(), at);
                long count = elements(entry.getValue());
                at += (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            }
        }
        return at;
    }

    /** Zeroed parameters of the given shapes. */
    public static Parameters allocate(Map<String, long[]> shapes, Dtype computeType, boolean trainable) {
        return new Parameters(shapes, computeType, trainable);
    }

    private Tensor view(Tensor flat, String name) {
        long[] shape = shapes.get(name);
        return flat.narrow(0, offsets.get(name), elements(shape)).reshape(shape).detach();
    }

    private static long elements(long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            count *= dimension;
        }
        return count;
    }

    /** Draws one tensor from a normal distribution. */
    public void randomize(String name, double standardDeviation, SplittableRandom random) {
        try (StepScope scope = StepScope.open()) {
            Tensor target = stored(name);
            float[] values = new float[Math.toIntExact(target.count())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (standardDeviation * Gaussian.next(random));
            }
            target.copyInPlace(Tensor.of(values, target.shape()));
        }
        refresh();
    }

    /** Fresh weights: matrices from a normal distribution, norms at 1, biases at 0. */
    public void randomize(double standardDeviation, SplittableRandom random) {
        for (String name : names()) {
            try (StepScope scope = StepScope.open()) {
                Tensor target = stored(name);
                float[] values = new float[Math.toIntExact(target.count())];
                boolean matrix = target.shape().length > 1;
                for (int i = 0; i < values.length; i++) {
                    values[i] = matrix
                            ? (float) (standardDeviation * Gaussian.next(random))
                            : name.endsWith("weight") ? 1 : 0;
                }
                target.copyInPlace(Tensor.of(values, target.shape()));
            }
        }
        refresh();
    }

    public Set<String> names() {
        return views.keySet();
    }

    /** Number of weights, without padding. */
    public long count() {
        return count(shapes);
    }

    static long count(Map<String, long[]> shapes) {
        return shapes.values().stream().mapToLong(Parameters::elements).sum();
    }

    /** The tensor that the model computes with. */
    @Override
    public Tensor get(String name) {
        Tensor view = views.get(name);
        if (view == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return view;
    }

    /** The tensor to load and save: float32 when trainable. After writing to it, call {@link #refresh}. */
    public Tensor stored(String name) {
        return storage.get(name).detach();
    }

    /** Whether these have gradients. */
    public boolean trainable() {
        return masterGradient != null;
    }

    public Dtype computeType() {
        return compute.dtype();
    }

    /** Rounds the masters to what the model computes with. */
    public void refresh() {
        if (master != compute) {
            compute.copyInPlace(master);
        }
    }

    /** Makes these α times other parameters of the same shapes + (1 − α) times what they were. */
    public void moveTowards(Parameters other, double alpha) {
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            master.mulInPlace(1 - alpha).addInPlace(other.master.mul(alpha));
            refresh();
        }
    }

    /** Adds the gradients of the last backward pass to the float32 sums. */
    public void collectGradients() {
        if (computeGradient != masterGradient) {
            masterGradient.addInPlace(computeGradient);
            computeGradient.zeroInPlace();
        }
    }

    public void zeroGradients() {
        masterGradient.zeroInPlace();
    }

    /** How much of {@link #flat}, from its start, are matrices. Norms and biases follow. */
    public long matrixElements() {
        return matrixElements;
    }

    /** All masters in one vector. */
    public Tensor flat() {
        return master;
    }

    /** The float32 sum of gradients, in the layout of {@link #flat}. */
    public Tensor flatGradient() {
        return masterGradient;
    }

    /** The float32 sum of gradients of one tensor. */
    public Tensor gradient(String name) {
        return view(masterGradient, name);
    }

    @Override
    public void close() {
        for (Tensor view : views.values()) {
            view.close();
        }
        if (master != compute) {
            for (Tensor view : storage.values()) {
                view.close();
            }
            master.close();
            computeGradient.close();
        }
        if (masterGradient != null) {
            masterGradient.close();
        }
        compute.close();
    }
}
