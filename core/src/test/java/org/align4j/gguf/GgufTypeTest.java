package org.align4j.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Blocks by hand, and against llama.cpp's own package. */
class GgufTypeTest {
    private static final JsonNode GOLDEN = new JsonMapper()
            .readTree(Path.of("src/test/resources/golden/gguf/blocks.json").toFile());

    private static ByteBuffer bytes(JsonNode hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.stringValue())).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float[] floats(JsonNode hex) {
        float[] values = new float[hex.stringValue().length() / 8];
        bytes(hex).asFloatBuffer().get(values);
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"})
    void decodesAsLlamaCppDoes(GgufType type) {
        JsonNode golden = GOLDEN.get("decode").get(type.name());
        float[] values = new float[2 * type.blockSize()];
        type.decode(bytes(golden.get("blocks")), values);
        assertThat(values).isEqualTo(floats(golden.get("float32")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16", "Q4_0", "Q4_1", "Q8_0"})
    void encodesAsLlamaCppDoes(GgufType type) {
        float[] values = floats(GOLDEN.get("input_float32"));
        ByteBuffer encoded =
                ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
        type.encode(values, encoded);
        assertThat(HexFormat.of().formatHex(encoded.array()))
                .isEqualTo(GOLDEN.get("encode").get(type.name()).stringValue());
    }

    /** Q8_0: d = 254 / 127 = 2 is 0x4000 in F16; 254, −254, 3 (a tie: 1.5 becomes 2) and −3 become 127, −127, 2 and −2. */
    @Test
    void eightBitsByHand() {
        float[] values = new float[32];
        values[0] = 254;
        values[1] = -254;
        values[2] = 3;
        values[31] = -3;
        ByteBuffer block = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
        GgufType.Q8_0.encode(values, block);
        assertThat(block.getShort(0)).isEqualTo((short) 0x4000);
        assertThat(block.array()).startsWith(0x00, 0x40, 127, -127, 2, 0).endsWith(0, -2);
        float[] decoded = new float[32];
        GgufType.Q8_0.decode(block.flip(), decoded);
        assertThat(decoded).startsWith(254, -254, 4, 0).endsWith(0, -4);
    }

    /** Q4_1: from −1 to 14 in steps of 1: d = 1 (0x3c00), m = −1 (0xbc00); value j lies below value j + 16. */
    @Test
    void fourBitsByHand() {
        float[] values = new float[32];
        for (int i = 0; i < 32; i++) {
            values[i] = i % 16 - 1;
        }
        values[16] = 14;
        ByteBuffer block = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        GgufType.Q4_1.encode(values, block);
        assertThat(block.array()).startsWith(0x00, 0x3c, 0x00, 0xbc, 0xf0, 0x11, 0x22, 0x33);
        float[] decoded = new float[32];
        GgufType.Q4_1.decode(block.flip(), decoded);
        assertThat(decoded).isEqualTo(values);
    }

    /** Q4_0: the outlier −4 gives d = 0.5 (0x3800); it becomes 0 and all zeros become 8. */
    @Test
    void fourBitsAroundZeroByHand() {
        float[] values = new float[32];
        values[0] = -4;
        values[1] = 3.5f;
        ByteBuffer block = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
        GgufType.Q4_0.encode(values, block);
        assertThat(block.array()).startsWith(0x00, 0x38, 0x80, 0x8f, 0x88);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 3c00",
        "-2, c000",
        "65504, 7bff",
        "65519.996, 7bff",
        "65520, 7c00",
        "-1e9, fc00",
        "5.9604645e-8, 0001",
        "2.9802322e-8, 0000",
        "2.980233e-8, 0001",
        "6.1035156e-5, 0400",
        "6.1004e-5, 03ff",
        "6.102e-5, 0400",
        "0.33325195, 3555",
        "1.00048828125, 3c00",
        "1.00146484375, 3c02",
        "NaN, 7e00",
        "-0.0, 8000"
    })
    void halvesByHand(float value, String hex) {
        assertThat(Halves.toF16(value)).isEqualTo((short) Integer.parseInt(hex, 16));
    }

    @Test
    void everyHalfComesBack() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Halves.fromF16((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Halves.toF16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void whatIsOnlyReadIsNotWritten() {
        assertThatThrownBy(() -> GgufType.Q6_K.encode(new float[256], ByteBuffer.allocate(210)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
