package org.align4j.gguf;

/**
 * What a header says of one tensor.
 *
 * @param shape its dimensions, outermost first (a file has them innermost first). Not copied: treat it as read-only
 * @param offset its first byte, counted from the start of the data
 */
public record GgufTensor(String name, GgufType type, long[] shape, long offset) {

    /** Number of values. */
    public long count() {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    /** Size in bytes. */
    public long byteCount() {
        return type.bytes(count());
    }

    /** Values of one row, which blocks never cross. */
    public long rowLength() {
        return shape.length == 0 ? 1 : shape[shape.length - 1];
    }
}
