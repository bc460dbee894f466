package org.align4j.data;

import java.util.Arrays;

/** A set of numbers in 11 to 22 bytes each (and half as much again while it grows): hashes of millions of rows. */
final class LongSet {
    private static final long EMPTY = 0;

    /** Open addressing with linear probing; the size is a power of two. */
    private long[] slots = new long[1024];

    private boolean hasEmpty;
    private int size;

    /** @return whether it was not there yet */
    boolean add(long value) {
        if (value == EMPTY) {
            boolean isNew = !hasEmpty;
            hasEmpty = true;
            size += isNew ? 1 : 0;
            return isNew;
        }
        int slot = slot(value);
        if (slots[slot] == value) {
            return false;
        }
        slots[slot] = value;
        size++;
        if (size > slots.length / 4 * 3) {
            grow();
        }
        return true;
    }

    boolean contains(long value) {
        return value == EMPTY ? hasEmpty : slots[slot(value)] == value;
    }

    int size() {
        return size;
    }

    /** Where a value stands, or would. */
    private int slot(long value) {
        int slot = Long.hashCode(value * 0x9E3779B97F4A7C15L) & slots.length - 1;
        while (slots[slot] != EMPTY && slots[slot] != value) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        Arrays.stream(old).filter(value -> value != EMPTY).forEach(value -> slots[slot(value)] = value);
    }
}
