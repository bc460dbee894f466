package org.align4j.gguf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a GGUF file: {@code GGUF}, a version, two counts; keys with values; names, shapes, types and places of
 * tensors; then the data, from the next multiple of {@code general.alignment} on. All claims are checked here, so that
 * who holds a header may trust it.
 *
 * <p>Source: {@code gguf.md} of the ggml repository. Versions 2 and 3 differ in that a file of version 3 may be
 * big-endian, which is refused.
 *
 * @param tensors by name, in the order of the file
 * @param dataStart where the data begin: bytes from the start of the file
 */
public record GgufHeader(GgufMetadata metadata, Map<String, GgufTensor> tensors, long dataStart) {
    static final int MAGIC = 0x46554747; // "GGUF", little-endian
    static final int VERSION = 3;
    static final int ALIGNMENT = 32;
    static final String ALIGNMENT_KEY = "general.alignment";

    private static final int MOST_DIMENSIONS = 4;
    private static final int SHORTEST_PAIR = Long.BYTES + Integer.BYTES + 1;
    private static final int SHORTEST_TENSOR = Long.BYTES + 2 * Integer.BYTES + Long.BYTES;

    /**
     * Reads and checks the head of a file.
     *
     * @param head the first bytes of the file, little-endian
     * @param fileSize in bytes
     * @param where what to call the file in messages
     * @throws org.align4j.AlignException if anything in the header is wrong or does not fit the size of the file
     */
    static GgufHeader read(ByteBuffer head, long fileSize, String where) {
        GgufCursor cursor = new GgufCursor(head, where);
        long magic = cursor.int32("the first four bytes");
        if (magic != MAGIC) {
            throw Damage.of(where, "does not begin with GGUF");
        }
        long version = cursor.int32("the version");
        if (version != VERSION && version != VERSION - 1) {
            boolean swapped = Integer.reverseBytes((int) version) == VERSION;
            throw Damage.unsupported(
                    where,
                    swapped ? "is a big-endian GGUF file" : "has GGUF version " + version + ", expected 2 or 3",
                    "convert the model anew with a current llama.cpp, on a little-endian machine");
        }
        long tensorCount = cursor.count("the number of tensors");
        long pairCount = cursor.count("the number of keys");
        if (tensorCount > head.remaining() / SHORTEST_TENSOR || pairCount > head.remaining() / SHORTEST_PAIR) {
            throw Damage.of(
                    where, "claims " + tensorCount + " tensors and " + pairCount + " keys in " + fileSize + " bytes");
        }
        GgufMetadata metadata = readMetadata(cursor, pairCount, where);
        int alignment = metadata.getInt(ALIGNMENT_KEY).orElse(ALIGNMENT);
        if (alignment == 0 || alignment % Long.BYTES != 0) {
            throw Damage.of(where, ALIGNMENT_KEY + " is " + alignment + ", expected a multiple of 8");
        }
        List<GgufTensor> infos = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            infos.add(readTensor(cursor, alignment, where));
        }
        long dataStart = ((long) cursor.position() + alignment - 1) / alignment * alignment;
        return new GgufHeader(metadata, place(infos, fileSize - dataStart, where), dataStart);
    }

    private static GgufMetadata readMetadata(GgufCursor cursor, long count, String where) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            String key = cursor.string("key " + i);
            if (values.put(key, cursor.value("key " + Damage.quoted(key))) != null) {
                throw Damage.of(where, "key " + Damage.quoted(key) + " stands there twice");
            }
        }
        return new GgufMetadata(values, where);
    }

    private static GgufTensor readTensor(GgufCursor cursor, int alignment, String where) {
        String name = cursor.string("the name of a tensor");
        String tensor = "tensor " + Damage.quoted(name);
        long dimensions = cursor.int32("the dimensions of " + tensor);
        if (dimensions > MOST_DIMENSIONS) {
            throw Damage.of(where, tensor + " has " + dimensions + " dimensions, expected at most " + MOST_DIMENSIONS);
        }
        long[] shape = new long[(int) dimensions];
        for (int i = shape.length - 1; i >= 0; i--) {
            shape[i] = cursor.count("a dimension of " + tensor);
        }
        long number = cursor.int32("the type of " + tensor);
        long offset = cursor.count("the place of " + tensor);
        GgufType type = GgufType.of(number)
                .orElseThrow(() -> Damage.unsupported(
                        where,
                        tensor + " is stored as " + GgufType.nameOf(number) + ", expected one of "
                                + List.of(GgufType.values()),
                        "take a file with another quantisation, such as Q4_K_M or Q8_0"));
        if (offset % alignment != 0) {
            throw Damage.of(where, tensor + " begins at data byte " + offset + ", expected a multiple of " + alignment);
        }
        GgufTensor info = new GgufTensor(name, type, shape, offset);
        try {
            if (info.rowLength() % type.blockSize() != 0) {
                throw Damage.of(
                        where,
                        tensor + " has rows of " + info.rowLength() + " values, " + type + " needs multiples of "
                                + type.blockSize());
            }
            Math.addExact(offset, info.byteCount());
        } catch (ArithmeticException tooLarge) {
            throw Damage.of(where, tensor + " is larger than any file");
        }
        return info;
    }

    /** No two tensors share a name or a byte, and all lie within the file. */
    private static Map<String, GgufTensor> place(List<GgufTensor> infos, long dataSize, String where) {
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (GgufTensor info : infos) {
            if (tensors.put(info.name(), info) != null) {
                throw Damage.of(where, "tensor " + Damage.quoted(info.name()) + " stands there twice");
            }
        }
        List<GgufTensor> sorted = new ArrayList<>(infos);
        sorted.sort(Comparator.comparingLong(GgufTensor::offset));
        long end = 0;
        for (GgufTensor info : sorted) {
            String tensor = "tensor " + Damage.quoted(info.name());
            if (info.offset() < end) {
                throw Damage.of(where, tensor + " begins at data byte " + info.offset() + ", within another tensor");
            }
            end = info.offset() + info.byteCount();
            if (end > dataSize) {
                throw Damage.of(
                        where,
                        tensor + " ends at data byte " + end + ", the file has only " + Math.max(0, dataSize)
                                + " data bytes: it was cut short");
            }
        }
        return Collections.unmodifiableMap(tensors);
    }
}
