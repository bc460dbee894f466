package org.align4j.tensor;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/** A piece whose weight is a copy in the order in which oneDNN's kernels read. Several threads may compute it at a time. */
final class PackedPiece implements LinearPiece {
    /** The order is made for this many rows; it serves fewer and more as well. */
    private static final int ROWS = 64;

    private final Dtype dtype;
    private final long inputs;
    private final long outputs;
    private final memory weight;
    private final Tensor bias; // may be null
    private final Queue<Product> idle = new ConcurrentLinkedQueue<>();

    /**
     * @param scope the innermost, where the bias was made
     * @param weight (out, in), which is copied
     * @param bias (out) or null
     */
    PackedPiece(StepScope scope, Tensor weight, Tensor bias) {
        this.dtype = weight.dtype();
        this.outputs = weight.size(0);
        this.inputs = weight.size(1);
        this.bias = bias == null ? null : scope.disown(bias);
        memory.desc unordered =
                new memory.desc(new long[] {inputs, outputs}, OneDnn.type(dtype), memory.format_tag.any);
        memory.desc ordered = new matmul.primitive_desc(
                        OneDnn.Cpu.ENGINE,
                        OneDnn.matrix(ROWS, inputs, dtype, inputs, 1),
                        unordered,
                        OneDnn.matrix(ROWS, outputs, dtype, outputs, 1),
                        OneDnn.Cpu.ATTRIBUTES,
                        false)
                .weights_desc();
        memory.desc given = OneDnn.matrix(inputs, outputs, dtype, weight.handle.stride(1), weight.handle.stride(0));
        memory source = new memory(given, OneDnn.Cpu.ENGINE, weight.handle.data_ptr());
        this.weight = OneDnn.kept(new memory(ordered, OneDnn.Cpu.ENGINE));
        new reorder(source, this.weight).execute(new stream(OneDnn.Cpu.ENGINE), source, this.weight);
    }

    @Override
    public long outputs() {
        return outputs;
    }

    @Override
    public void apply(Tensor x, Tensor target, long at) {
        Product product = idle.poll();
        if (product == null) {
            product = new Product();
        }
        product.compute(x.contiguous(), target, at);
        idle.add(product);
    }

    /** The kernel for some number of rows and what it computes with, of one thread at a time. */
    private final class Product {
        private long rows = -1;
        private long stride;
        private Dtype type;
        private final stream stream = OneDnn.kept(new stream(OneDnn.Cpu.ENGINE));
        private matmul kernel;
        private memory source;
        private memory target;
        private memory scratch;
        private IntMemoryMap arguments;

        void compute(Tensor x, Tensor result, long at) {
            Pointer input = x.handle.data_ptr();
            Pointer output = new BytePointer(result.handle.data_ptr())
                    .position(at * result.dtype().bytes());
            if (x.size(0) != rows || result.size(1) != stride || result.dtype() != type) {
                closeKernel();
                rows = x.size(0);
                stride = result.size(1);
                type = result.dtype();
                prepare(input, output);
            }
            source.set_data_handle(input);
            target.set_data_handle(output);
            kernel.execute(stream, arguments);
        }

        private void prepare(Pointer input, Pointer output) {
            try (PointerScope scope = new PointerScope()) {
                memory.desc from = OneDnn.matrix(rows, inputs, dtype, inputs, 1);
                memory.desc to = OneDnn.matrix(rows, outputs, type, stride, 1);
                memory.desc added = OneDnn.matrix(1, outputs, dtype, outputs, 1);
                matmul.primitive_desc described = bias == null
                        ? new matmul.primitive_desc(
                                OneDnn.Cpu.ENGINE, from, weight.get_desc(), to, OneDnn.Cpu.ATTRIBUTES, false)
                        : new matmul.primitive_desc(
                                OneDnn.Cpu.ENGINE, from, weight.get_desc(), added, to, OneDnn.Cpu.ATTRIBUTES, false);
                kernel = OneDnn.kept(new matmul(described));
                source = OneDnn.kept(new memory(from, OneDnn.Cpu.ENGINE, input));
                target = OneDnn.kept(new memory(to, OneDnn.Cpu.ENGINE, output));
                scratch = OneDnn.kept(new memory(described.scratchpad_desc(), OneDnn.Cpu.ENGINE));
                arguments = OneDnn.kept(new IntMemoryMap());
                arguments.put(dnnl.DNNL_ARG_SRC, source);
                arguments.put(dnnl.DNNL_ARG_WEIGHTS, weight);
                arguments.put(dnnl.DNNL_ARG_DST, target);
                arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, scratch);
                if (bias != null) {
                    arguments.put(dnnl.DNNL_ARG_BIAS, new memory(added, OneDnn.Cpu.ENGINE, bias.handle.data_ptr()));
                }
            }
        }

        void close() {
            closeKernel();
            stream.close();
        }

        private void closeKernel() {
            if (kernel != null) {
                arguments.close();
                scratch.close();
                target.close();
                source.close();
                kernel.close();
            }
        }
    }

    @Override
    public void close() {
        idle.forEach(Product::close);
        weight.close();
        if (bias != null) {
            bias.close();
        }
    }
}
