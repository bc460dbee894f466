package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often each of some numbers came. Memory grows with how many different ones there are, not with how often they came. */
public final class Histogram {
    private final TreeMap<Integer, Long> counts = new TreeMap<>();
    private long size;

    void add(int value) {
        counts.merge(value, 1L, Long::sum);
        size++;
    }

    /** How many numbers there were. */
    public long size() {
        return size;
    }

    /** The number at a place, from 0, if all stood in ascending order. */
    public int at(long place) {
        long before = 0;
        for (Map.Entry<Integer, Long> each : counts.entrySet()) {
            before += each.getValue();
            if (place < before) {
                return each.getKey();
            }
        }
        throw new IndexOutOfBoundsException(place + " of " + size);
    }

    public int smallest() {
        return counts.firstKey();
    }

    /** Half of all are not larger, half not smaller. */
    public int median() {
        return at(size / 2);
    }

    public int largest() {
        return counts.lastKey();
    }

    /** How many there were above 2ⁱ⁻¹ and up to 2ⁱ, for every i from 0 (all up to 1) to that of the largest. */
    public List<Long> byPowersOfTwo() {
        List<Long> bins = new ArrayList<>();
        counts.forEach((value, count) -> {
            int bin = value <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(value - 1);
            while (bins.size() <= bin) {
                bins.add(0L);
            }
            bins.set(bin, bins.get(bin) + count);
        });
        return bins;
    }
}
