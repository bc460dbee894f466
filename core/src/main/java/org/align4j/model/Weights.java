package org.align4j.model;

import org.align4j.tensor.Tensor;

/** A model's tensors by their Hugging Face names, in the type the model computes in. */
public interface Weights {
    Tensor get(String name);
}
