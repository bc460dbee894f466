package org.align4j.tensor;

import org.bytedeco.pytorch.GradMode;

/** While open, this thread records nothing for a backward pass. */
public final class NoGrad implements AutoCloseable {
    private final boolean before;

    private NoGrad() {
        Libtorch.load();
        before = GradMode.is_enabled();
        GradMode.set_enabled(false);
    }

    public static NoGrad open() {
        return new NoGrad();
    }

    @Override
    public void close() {
        GradMode.set_enabled(before);
    }
}
