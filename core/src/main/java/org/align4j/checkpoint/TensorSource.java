package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** A tensor to be written. Its bytes are asked for once, when its turn has come, so they need not exist before. */
public interface TensorSource {
    String name();

    SafetensorsDtype dtype();

    /** Dimensions, outermost first; empty for a scalar. */
    long[] shape();

    /**
     * Writes all elements, row-major and little-endian: exactly {@link #byteCount()} bytes. The channel takes
     * everything it is given at once.
     */
    void writeTo(WritableByteChannel channel) throws IOException;

    /** Size in bytes. */
    default long byteCount() {
        return dtype().byteCount(shape());
    }

    /** A tensor whose bytes are at hand, for instance mapped from another file ({@link SafetensorsFile#chunks}). */
    static TensorSource of(String name, SafetensorsDtype dtype, long[] shape, List<ByteBuffer> chunks) {
        return new Buffered(name, dtype, shape, List.copyOf(chunks));
    }

    /** See {@link #of}. */
    record Buffered(String name, SafetensorsDtype dtype, long[] shape, List<ByteBuffer> chunks)
            implements TensorSource {
        @Override
        public void writeTo(WritableByteChannel channel) throws IOException {
            for (ByteBuffer chunk : chunks) {
                channel.write(chunk.duplicate());
            }
        }
    }
}
