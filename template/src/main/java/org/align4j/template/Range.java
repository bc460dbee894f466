package org.align4j.template;

import java.util.AbstractList;

/** A row of integers. */
final class Range extends AbstractList<Object> {
    /** The sandbox of Jinja allows no longer ones. */
    private static final int MAX_SIZE = 100_000;

    private final long start;
    private final long stop;
    private final long step;
    private final int size;

    Range(long start, long stop, long step) {
        if (step == 0) {
            throw new EvalError("range() arg 3 must not be zero");
        }
        double length = Math.ceil(((double) stop - (double) start) / step);
        if (length > MAX_SIZE) {
            throw new EvalError("range too big, at most " + MAX_SIZE + " elements are allowed");
        }
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.size = (int) Math.max(length, 0);
    }

    @Override
    public Object get(int index) {
        return start + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    String repr() {
        return "range(" + start + ", " + stop + (step == 1 ? ")" : ", " + step + ")");
    }
}
