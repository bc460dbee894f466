package org.align4j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A file of weights opened for reading, with Hugging Face's names and layouts whatever the format is. */
sealed interface WeightFile extends AutoCloseable permits SafetensorsFile, GgufWeights {
    Path path();

    /** All tensors by name. */
    Map<String, TensorInfo> tensors();

    /** A tensor's bytes in one piece. */
    ByteBuffer bytes(String name);

    /** A tensor's bytes in order, in pieces that hold whole elements. */
    List<ByteBuffer> chunks(String name);

    /** The same for {@code count} of its bytes, beginning with byte {@code from}. */
    List<ByteBuffer> chunks(String name, long from, long count);

    /** Reads bytes of the file as it is; −1 at its end. */
    int read(ByteBuffer target, long position);

    @Override
    void close();
}
