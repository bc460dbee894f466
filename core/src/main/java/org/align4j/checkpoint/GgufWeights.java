package org.align4j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFamily;
import org.align4j.gguf.GgufFile;
import org.align4j.gguf.GgufTensor;
import org.align4j.gguf.GgufType;

/**
 * The weights of a GGUF file under Hugging Face's names and in their order of rows. Quantised ones become float32 when
 * they are asked for, a few rows at a time.
 */
final class GgufWeights implements WeightFile {
    /** About so many values are decoded at once. */
    private static final long PIECE = 4L << 20;

    /** What config.json says of rotary positions. */
    private static final Set<String> NOT_WEIGHTS = Set.of(GgufFamily.ROPE_DIVISORS);

    private final GgufFile file;
    private final GgufFamily family;
    private final int headWidth;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, GgufTensor> sources = new LinkedHashMap<>();

    /**
     * @param headWidth rows of a head in queries and keys
     * @throws AlignException if a tensor's name or shape means nothing to the family
     */
    GgufWeights(GgufFile file, GgufFamily family, int headWidth) {
        this.file = file;
        this.family = family;
        this.headWidth = headWidth;
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        long end = 0;
        for (GgufTensor source : file.tensors().values()) {
            if (NOT_WEIGHTS.contains(source.name())) {
                continue;
            }
            // What has no other name keeps its own, and is reported as unexpected together with all of its kind.
            String name = family.hfName(source.name()).orElse(source.name());
            if (family.pairsRows(name) && !hasHeads(source)) {
                throw AlignException.badInput(OneLine.text(path()) + ": tensor " + OneLine.name(source.name())
                        + " has no rows for heads of " + headWidth
                        + ", so it is not what its metadata say; download or export it again");
            }
            sources.put(name, source);
            SafetensorsDtype dtype = dtype(source.type());
            long begin = end;
            end = Math.addExact(begin, dtype.byteCount(source.shape()));
            infos.put(name, new TensorInfo(name, dtype, source.shape(), begin, end));
        }
        tensors = Collections.unmodifiableMap(infos);
    }

    private boolean hasHeads(GgufTensor source) {
        boolean whole = source.shape().length > 0 && source.shape()[0] % headWidth == 0;
        return whole && (source.shape().length > 1 || !source.type().isQuantised());
    }

    private static SafetensorsDtype dtype(GgufType type) {
        return switch (type) {
            case F16 -> SafetensorsDtype.F16;
            case BF16 -> SafetensorsDtype.BF16;
            default -> SafetensorsDtype.F32;
        };
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public ByteBuffer bytes(String name) {
        TensorInfo info = tensors.get(name);
        if (info.byteCount() > Integer.MAX_VALUE) {
            throw AlignException.failure(OneLine.text(path()) + ": tensor " + OneLine.name(name) + " has "
                    + OneLine.bytes(info.byteCount()) + ", one buffer holds at most 2 GiB; read it in chunks");
        }
        ByteBuffer all = ByteBuffer.allocate((int) info.byteCount()).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteBuffer chunk : chunks(name)) {
            all.put(chunk);
        }
        return all.flip();
    }

    @Override
    public List<ByteBuffer> chunks(String name) {
        return chunks(name, 0, tensors.get(name).byteCount());
    }

    /** Pieces are made when the list is asked for them: go through it once. {@code from} and {@code count} are whole rows. */
    @Override
    public List<ByteBuffer> chunks(String name, long from, long count) {
        GgufTensor source = sources.get(name);
        int bytes = tensors.get(name).dtype().bytes();
        boolean paired = family.pairsRows(name);
        long row = paired && source.shape().length == 1 ? 1 : source.rowLength();
        long rows = paired ? headWidth : Math.max(1, PIECE / Math.max(1, row));
        long piece = rows * row;
        long first = from / bytes;
        long end = first + count / bytes;
        return new AbstractList<>() {
            @Override
            public int size() {
                return piece == 0 ? 0 : Math.toIntExact((end - first + piece - 1) / piece);
            }

            @Override
            public ByteBuffer get(int index) {
                long begin = first + index * piece;
                int length = Math.toIntExact(Math.min(piece, end - begin));
                return piece(name, source, begin, length, (int) row);
            }
        };
    }

    private ByteBuffer piece(String name, GgufTensor source, long begin, int length, int row) {
        boolean plain = !source.type().isQuantised() && family.shift(name) == 0 && !family.pairsRows(name);
        if (plain) {
            return file.bytes(source, begin, length);
        }
        SafetensorsDtype dtype = tensors.get(name).dtype();
        float[] values = file.floats(source, begin, length);
        for (int i = 0; i < length; i++) {
            values[i] -= family.shift(name);
        }
        float[] ordered = family.pairsRows(name) ? unpaired(values, row) : values;
        return encode(ordered, dtype);
    }

    /** Row 2i + s of the file is row s · width / 2 + i here. */
    private float[] unpaired(float[] rows, int row) {
        float[] result = new float[rows.length];
        for (int i = 0; i < headWidth / 2; i++) {
            for (int half = 0; half < 2; half++) {
                System.arraycopy(rows, (2 * i + half) * row, result, (half * headWidth / 2 + i) * row, row);
            }
        }
        return result;
    }

    private static ByteBuffer encode(float[] values, SafetensorsDtype dtype) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        GgufType.valueOf(dtype.name()).encode(values, bytes);
        return bytes.flip();
    }

    @Override
    public int read(ByteBuffer target, long position) {
        return file.read(target, position);
    }

    @Override
    public void close() {
        file.close();
    }
}
