package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.align4j.AlignException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Small checkpoints, whole and damaged. */
final class Fixtures {
    private Fixtures() {}

    static TensorSource floats(String name, float[] values, long... shape) {
        return TensorSource.of(
                name, SafetensorsDtype.F32, shape, List.of(FloatBytes.encode(values, SafetensorsDtype.F32)));
    }

    /** The values first, first + 1 … in the shape. */
    static TensorSource counting(String name, float first, long... shape) {
        float[] values = new float[(int) (SafetensorsDtype.F32.byteCount(shape) / Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = first + i;
        }
        return floats(name, values, shape);
    }

    /** A file by hand: the length of the header as given, the header, and data bytes 0, 1, 2 … */
    static Path rawFile(Path file, long headerLength, byte[] header, int dataSize) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataSize).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(header);
        for (int i = 0; i < dataSize; i++) {
            bytes.put((byte) i);
        }
        return Files.write(file, bytes.array());
    }

    static Path rawFile(Path file, String header, int dataSize) throws IOException {
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        return rawFile(file, bytes.length, bytes, dataSize);
    }

    /** Expects an error of that kind in one line that holds all the words. */
    static void assertRefused(AlignException.Kind kind, ThrowingCallable call, String... words) {
        AlignException refused = catchThrowableOfType(AlignException.class, call);
        assertThat(refused).as("an AlignException").isNotNull();
        assertThat(refused.getMessage()).contains(words).doesNotContain("\n", "\r");
        assertThat(refused.kind()).isEqualTo(kind);
    }

    static void assertBad(ThrowingCallable call, String... words) {
        assertRefused(AlignException.Kind.BAD_INPUT, call, words);
    }

    static float[] values(SafetensorsFile file, String tensor) {
        return FloatBytes.decode(file.bytes(tensor), file.tensor(tensor).dtype());
    }

    static float[] values(ModelFolder folder, String tensor) {
        return FloatBytes.decode(
                folder.bytes(tensor), folder.tensors().get(tensor).dtype());
    }

    static List<String> names(Path folder) {
        return FolderContents.names(folder);
    }
}
