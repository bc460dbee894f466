package org.align4j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.align4j.gguf.Halves;

/**
 * Elements as bytes and as Java floats, for tests and small tools. Models go through tensors instead.
 *
 * <p>BF16 is the upper half of a float32: 8 bits of exponent, 7 of fraction. F16 is IEEE 754 binary16.
 */
public final class FloatBytes {
    private FloatBytes() {}

    /**
     * Decodes all remaining bytes; the buffer's position stays. F32, F16 and BF16 are exact, F64 is rounded.
     *
     * @throws IllegalArgumentException if the type is none of these four or the bytes are not whole elements
     */
    public static float[] decode(ByteBuffer bytes, SafetensorsDtype dtype) {
        if (!dtype.isWeight() || bytes.remaining() % dtype.bytes() != 0) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes are not " + dtype + " weights");
        }
        ByteBuffer source = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[source.remaining() / dtype.bytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case F64 -> (float) source.getDouble();
                case F32 -> source.getFloat();
                case F16 -> Halves.fromF16(source.getShort());
                default -> Halves.fromBf16(source.getShort());
            };
        }
        return values;
    }

    /**
     * Encodes as F32 or BF16, little-endian. BF16 rounds to the nearest value, ties to the even one; too large becomes
     * infinite; NaN stays NaN with its sign and the upper bits of its payload.
     *
     * @throws IllegalArgumentException for another type
     */
    public static ByteBuffer encode(float[] values, SafetensorsDtype dtype) {
        if (dtype != SafetensorsDtype.F32 && dtype != SafetensorsDtype.BF16) {
            throw new IllegalArgumentException("encodes F32 and BF16, not " + dtype);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (dtype == SafetensorsDtype.F32) {
                bytes.putFloat(value);
            } else {
                bytes.putShort(Halves.toBf16(value));
            }
        }
        return bytes.flip();
    }
}
