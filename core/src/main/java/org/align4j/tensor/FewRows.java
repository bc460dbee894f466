package org.align4j.tensor;

import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Linear layers of a few rows on one thread, as when sampling: reading the weight takes the time, and libtorch's usual
 * kernels first copy it into another order. On many threads these ways are no faster.
 */
final class FewRows {
    private static final int MOST_ROWS = 64;
    /** Elements of a weight that is small enough for the other order to be at hand in a cache. */
    private static final int SMALL = 1 << 16;

    private FewRows() {}

    static boolean pays(Tensor x, Tensor weight) {
        return x.size(0) <= MOST_ROWS && weight.count() > SMALL && torch.get_num_threads() == 1;
    }

    /** {@code x · weightᵀ + bias} without gradients; x (rows, in), weight (out, in), bias (out) or null. */
    static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        if (x.dtype() == Dtype.F32) {
            TensorOptional added = bias == null ? new TensorOptional() : new TensorOptional(bias.handle);
            return new Tensor(torch.mkldnn_linear(x.handle.to_mkldnn(), weight.handle, added)
                    .to_dense());
        }
        // The product with the larger matrix on the left, where more rows keep the processor's tiles full.
        Tensor product = weight.matmul(x.transpose(0, 1)).transpose(0, 1).contiguous();
        return bias == null ? product : product.add(bias);
    }
}
