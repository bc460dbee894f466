package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.align4j.gguf.Halves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatBytesTest {
    /** BF16 keeps 7 bits of fraction: between 1 and 2 the step is 1/128. */
    @ParameterizedTest
    @CsvSource({
        "1.0,            3f80",
        "-2.0,           c000",
        "0.0,            0000",
        "-0.0,           8000",
        "1.00390625,     3f80", // 1 + 1/256: a tie, goes down to the even 3f80
        "1.01171875,     3f82", // 1 + 3/256: a tie, goes up to the even 3f82
        "1.0039064,      3f81", // just above the first tie
        "3.4028235e38,   7f80", // the largest float is nearer to infinity than to the largest bf16
        "Infinity,       7f80",
        "-Infinity,      ff80",
        "1.4e-45,        0000", // the smallest subnormal
    })
    void bf16RoundsToNearestEven(float value, String hex) {
        assertThat(Halves.toBf16(value)).isEqualTo((short) Integer.parseInt(hex, 16));
    }

    @Test
    void bf16KeepsNan() {
        // All of its payload lies in the bits that are cut off.
        float nan = Float.intBitsToFloat(0x7f800001);
        assertThat(Float.intBitsToFloat(Halves.toBf16(nan) << 16)).isNaN();
        assertThat(Halves.toBf16(Float.intBitsToFloat(0xffc00000))).isEqualTo((short) 0xffc0);
    }

    @Test
    void everyBf16SurvivesDecodingAndEncoding() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Float.intBitsToFloat(bits << 16);
            if (!Float.isNaN(value)) {
                assertThat(Halves.toBf16(value)).isEqualTo((short) bits);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3c00, 1.0",
        "c000, -2.0",
        "3555, 0.33325195", // (1 + 341/1024) / 4
        "7bff, 65504",
        "0400, 6.1035156e-5", // the smallest normal number, 2^-14
        "0001, 5.9604645e-8", // the smallest subnormal, 2^-24
        "83ff, -6.097555e-5", // the largest subnormal, -1023 * 2^-24
        "8000, -0.0",
        "7c00, Infinity",
        "fc00, -Infinity",
        "7e00, NaN",
    })
    void f16IsDecodedExactly(String hex, float value) {
        assertThat(Halves.fromF16((short) Integer.parseInt(hex, 16))).isEqualTo(Float.valueOf(value));
    }

    @Test
    void buffersAreLittleEndianWhateverTheirOwnOrder() {
        float[] values = {1f, -0.5f, Float.POSITIVE_INFINITY};
        ByteBuffer f32 = FloatBytes.encode(values, SafetensorsDtype.F32);
        assertThat(f32.array()).startsWith(0, 0, 0x80, 0x3f);
        assertThat(FloatBytes.decode(f32.order(ByteOrder.BIG_ENDIAN), SafetensorsDtype.F32))
                .isEqualTo(values);
        ByteBuffer bf16 = FloatBytes.encode(values, SafetensorsDtype.BF16);
        assertThat(bf16.array()).startsWith(0x80, 0x3f);
        assertThat(FloatBytes.decode(bf16, SafetensorsDtype.BF16)).isEqualTo(values);
        assertThat(bf16.remaining()).isEqualTo(6);
        ByteBuffer f64 = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, 0.1);
        assertThat(FloatBytes.decode(f64, SafetensorsDtype.F64)).containsExactly(0.1f);
    }

    @Test
    void otherTypesAndHalfElementsAreRefused() {
        assertThatThrownBy(() -> FloatBytes.decode(ByteBuffer.allocate(4), SafetensorsDtype.I32))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FloatBytes.decode(ByteBuffer.allocate(3), SafetensorsDtype.BF16))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FloatBytes.encode(new float[1], SafetensorsDtype.F16))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
