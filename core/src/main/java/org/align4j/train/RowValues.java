package org.align4j.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.align4j.checkpoint.SafetensorsDtype;
import org.align4j.checkpoint.TensorSource;
import org.align4j.data.ScratchFile;
import org.align4j.data.TokenTree;

/**
 * Numbers that belong to rows, in a file: memory holds eight bytes a row. They are appended one after the other, and then
 * given to rows in the same order.
 */
final class RowValues implements AutoCloseable {
    private static final int PIECE = 1 << 20;
    private static final long NONE = -1;

    private final ScratchFile file;
    private long[] placeOfRow = {};
    private long placed; // bytes given to rows

    private RowValues(ScratchFile file) {
        this.file = file;
    }

    static RowValues in(Path folder) {
        return new RowValues(ScratchFile.in(folder));
    }

    void append(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        append(bytes);
    }

    /** @param littleEndian float64 */
    void append(ByteBuffer littleEndian) {
        file.append(littleEndian);
    }

    /** Gives the next values to trees, so many to each. */
    void place(List<TokenTree> trees, int[] counts) {
        for (int t = 0; t < counts.length; t++) {
            int row = trees.get(t).row();
            if (row >= placeOfRow.length) {
                int old = placeOfRow.length;
                placeOfRow = Arrays.copyOf(placeOfRow, Math.max(row + 1, old + (old >> 1)));
                Arrays.fill(placeOfRow, old, placeOfRow.length, NONE);
            }
            placeOfRow[row] = placed;
            placed += (long) Double.BYTES * counts[t];
        }
    }

    /** Whether there are as many values as the rows have. */
    boolean allPlaced() {
        return placed == file.size();
    }

    /** Puts a row's values at {@code at}. */
    void get(int row, double[] target, int at, int count) {
        file.read(placeOfRow[row], Double.BYTES * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(target, at, count);
    }

    /** All values in one dimension. */
    TensorSource asTensor(String name) {
        return new TensorSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public SafetensorsDtype dtype() {
                return SafetensorsDtype.F64;
            }

            @Override
            public long[] shape() {
                return new long[] {file.size() / Double.BYTES};
            }

            @Override
            public void writeTo(WritableByteChannel channel) throws IOException {
                for (long from = 0; from < file.size(); from += PIECE) {
                    channel.write(file.read(from, (int) Math.min(PIECE, file.size() - from)));
                }
            }
        };
    }

    @Override
    public void close() {
        file.close();
    }
}
