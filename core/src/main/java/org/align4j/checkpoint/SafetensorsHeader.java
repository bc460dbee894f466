package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The head of a safetensors file: eight bytes with its length N (unsigned, little-endian), then N bytes of JSON that name
 * every tensor with dtype, shape and place. All claims are checked here, so that who holds a header may trust it.
 *
 * <p>Source: the format section of the safetensors README, and its rules that data have no holes or overlaps, that
 * keys do not repeat and that a header has at most 100 MB.
 *
 * @param metadata the strings under {@code __metadata__}; empty if there are none
 * @param tensors by name, in the order of their data
 * @param dataStart where the data begin: bytes from the start of the file
 */
public record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors, long dataStart) {
    /** The longest header that the format allows, in bytes. */
    public static final long LONGEST = 100_000_000;

    static final int LENGTH_BYTES = 8;
    static final String METADATA = "__metadata__";

    private static final String REMEDY = "the file is damaged or incomplete: download or export it again";
    private static final String GIT_LFS = "version ";

    /**
     * Reads and checks the head of a file.
     *
     * @param where what to call the file in messages
     * @throws AlignException if anything in the header is wrong or does not fit the size of the file
     */
    static SafetensorsHeader read(FileChannel channel, String where) throws IOException {
        long fileSize = channel.size();
        if (fileSize < LENGTH_BYTES) {
            throw damaged(where, "has " + fileSize + " bytes, a safetensors file has at least 8");
        }
        ByteBuffer start = readFully(channel, 0, LENGTH_BYTES);
        if (StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString().equals(GIT_LFS)) {
            throw AlignException.badInput(where + ": is a Git LFS pointer, not the weights; run git lfs pull in the"
                    + " repository it came from");
        }
        long length = start.getLong();
        if (length < 0 || length > LONGEST) {
            throw damaged(
                    where,
                    "claims a header of " + Long.toUnsignedString(length) + " bytes, at most " + LONGEST
                            + " are allowed");
        }
        if (length > fileSize - LENGTH_BYTES) {
            throw damaged(
                    where, "claims a header of " + length + " bytes, only " + (fileSize - LENGTH_BYTES) + " follow");
        }
        byte[] json = readFully(channel, LENGTH_BYTES, (int) length).array();
        long dataStart = LENGTH_BYTES + length;
        return parse(JsonFiles.parseObject(json, where + ": header", REMEDY), dataStart, fileSize - dataStart, where);
    }

    private static SafetensorsHeader parse(ObjectNode json, long dataStart, long dataSize, String where) {
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorInfo> infos = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            if (entry.getKey().equals(METADATA)) {
                readMetadata(entry.getValue(), metadata, where);
            } else {
                infos.add(readTensor(entry.getKey(), entry.getValue(), dataSize, where));
            }
        }
        infos.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        checkCoverage(infos, dataSize, where);
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        for (TensorInfo info : infos) {
            tensors.put(info.name(), info);
        }
        return new SafetensorsHeader(
                Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors), dataStart);
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata, String where) {
        if (node.isNull()) {
            // The format's own reader takes this for none.
            return;
        }
        if (!node.isObject()) {
            throw damaged(where, "header: __metadata__ is " + node.getNodeType() + ", expected an object of strings");
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!entry.getValue().isString()) {
                throw damaged(
                        where,
                        "header: __metadata__ " + OneLine.name(entry.getKey()) + " is "
                                + entry.getValue().getNodeType() + ", expected a string");
            }
            metadata.put(entry.getKey(), entry.getValue().stringValue());
        }
    }

    private static TensorInfo readTensor(String name, JsonNode node, long dataSize, String where) {
        String tensor = "tensor " + OneLine.name(name);
        JsonNode dtypeNode = node.get("dtype");
        if (dtypeNode == null || !dtypeNode.isString()) {
            throw damaged(where, tensor + " has no dtype");
        }
        String dtypeName = dtypeNode.stringValue();
        SafetensorsDtype dtype = SafetensorsDtype.of(dtypeName)
                .orElseThrow(() -> AlignException.badInput(where + ": " + tensor + " has the unknown dtype "
                        + OneLine.name(dtypeName) + ", expected one of " + List.of(SafetensorsDtype.values())
                        + "; convert the model to F32, F16 or BF16"));
        long[] shape = readLongs(node.get("shape"), tensor + " shape", where);
        long[] offsets = readLongs(node.get("data_offsets"), tensor + " data_offsets", where);
        if (offsets.length != 2 || offsets[1] < offsets[0]) {
            throw damaged(where, tensor + " has data_offsets " + text(offsets) + ", expected [begin, end]");
        }
        if (offsets[1] > dataSize) {
            throw damaged(
                    where,
                    tensor + " ends at data byte " + offsets[1] + ", the file has only " + dataSize
                            + " data bytes: it was cut short");
        }
        TensorInfo info = new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
        checkSize(info, tensor, where);
        return info;
    }

    private static void checkSize(TensorInfo info, String tensor, String where) {
        long expected;
        try {
            expected = info.dtype().byteCount(info.shape());
        } catch (ArithmeticException tooLarge) {
            throw damaged(where, tensor + " has shape " + text(info.shape()) + ", more than any file can hold");
        }
        if (info.byteCount() != expected) {
            throw damaged(
                    where,
                    tensor + " has " + info.byteCount() + " bytes, " + info.dtype() + " " + text(info.shape())
                            + " takes " + expected);
        }
    }

    /** Non-negative whole numbers of a JSON array. */
    private static long[] readLongs(JsonNode node, String what, String where) {
        if (node == null || !node.isArray()) {
            throw damaged(where, what + " is missing, expected an array of whole numbers");
        }
        long[] numbers = new long[node.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = node.get(i);
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw damaged(
                        where, what + " holds " + OneLine.text(number) + ", expected whole numbers from 0 upwards");
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }

    /** Every data byte belongs to exactly one tensor. The list is in the order of the data. */
    private static void checkCoverage(List<TensorInfo> infos, long dataSize, String where) {
        long covered = 0;
        String before = "the header";
        for (TensorInfo info : infos) {
            String tensor = "tensor " + OneLine.name(info.name());
            if (info.begin() < covered) {
                throw damaged(where, tensor + " begins at data byte " + info.begin() + " and overlaps " + before);
            }
            if (info.begin() > covered) {
                throw damaged(
                        where,
                        "data bytes " + covered + " to " + info.begin() + " between " + before + " and " + tensor
                                + " belong to no tensor");
            }
            covered = info.end();
            before = tensor;
        }
        if (covered < dataSize) {
            throw damaged(where, (dataSize - covered) + " bytes trail after " + before + ", expected none");
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("the file got shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static String text(long[] numbers) {
        return OneLine.text(Arrays.toString(numbers));
    }

    private static AlignException damaged(String where, String what) {
        return AlignException.badInput(where + ": " + what + "; " + REMEDY);
    }
}
