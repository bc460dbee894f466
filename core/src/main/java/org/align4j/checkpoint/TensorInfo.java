package org.align4j.checkpoint;

/**
 * What a header says of one tensor.
 *
 * @param shape its dimensions, outermost first; empty for a scalar. Not copied: treat it as read-only
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last, counted likewise
 */
public record TensorInfo(String name, SafetensorsDtype dtype, long[] shape, long begin, long end) {

    /** Size in bytes. */
    public long byteCount() {
        return end - begin;
    }
}
