package org.align4j.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the head of a GGUF file of version 3; {@link GgufHeader} describes it. */
public final class GgufWriter {
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private GgufWriter() {}

    /** The same tensors with offsets: one after the other, each at a multiple of the alignment. */
    public static List<GgufTensor> placed(List<GgufTensor> tensors) {
        List<GgufTensor> placed = new ArrayList<>();
        long at = 0;
        for (GgufTensor tensor : tensors) {
            placed.add(new GgufTensor(tensor.name(), tensor.type(), tensor.shape(), at));
            at = aligned(at + tensor.byteCount());
        }
        return placed;
    }

    /** The next place where a tensor may begin. */
    public static long aligned(long at) {
        return (at + GgufHeader.ALIGNMENT - 1) / GgufHeader.ALIGNMENT * GgufHeader.ALIGNMENT;
    }

    /**
     * The head with its padding: after it the data begin.
     *
     * @param metadata by key: {@link Integer} (written as uint32), {@link Float}, {@link Boolean}, {@link String},
     *     {@code int[]}, {@code float[]} or a {@link List} of texts
     */
    public static byte[] head(Map<String, Object> metadata, List<GgufTensor> tensors) {
        GgufWriter writer = new GgufWriter();
        writer.int32(GgufHeader.MAGIC);
        writer.int32(GgufHeader.VERSION);
        writer.int64(tensors.size());
        writer.int64(metadata.size());
        metadata.forEach((key, value) -> {
            writer.string(key);
            writer.value(value);
        });
        for (GgufTensor tensor : tensors) {
            writer.string(tensor.name());
            writer.int32(tensor.shape().length);
            for (int i = tensor.shape().length - 1; i >= 0; i--) {
                writer.int64(tensor.shape()[i]);
            }
            writer.int32(tensor.type().number());
            writer.int64(tensor.offset());
        }
        while (writer.bytes.size() % GgufHeader.ALIGNMENT != 0) {
            writer.bytes.write(0);
        }
        return writer.bytes.toByteArray();
    }

    private void value(Object value) {
        if (value instanceof Integer number) {
            int32(4);
            int32(number);
        } else if (value instanceof Float number) {
            int32(FLOAT32);
            int32(Float.floatToRawIntBits(number));
        } else if (value instanceof Boolean bool) {
            int32(7);
            bytes.write(bool ? 1 : 0);
        } else if (value instanceof String text) {
            int32(STRING);
            string(text);
        } else if (value instanceof int[] numbers) {
            array(INT32, numbers.length);
            for (int number : numbers) {
                int32(number);
            }
        } else if (value instanceof float[] numbers) {
            array(FLOAT32, numbers.length);
            for (float number : numbers) {
                int32(Float.floatToRawIntBits(number));
            }
        } else {
            List<?> texts = (List<?>) value;
            array(STRING, texts.size());
            for (Object text : texts) {
                string((String) text);
            }
        }
    }

    private void array(int type, int length) {
        int32(ARRAY);
        int32(type);
        int64(length);
    }

    private void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int64(utf8.length);
        bytes.writeBytes(utf8);
    }

    private void int32(int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private void int64(long value) {
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }
}
