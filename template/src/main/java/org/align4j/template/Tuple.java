package org.align4j.template;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** A tuple: a list of another type. */
class Tuple extends AbstractList<Object> {
    private final List<Object> values;

    Tuple(List<Object> values) {
        this.values = values;
    }

    static Tuple of(Object... values) {
        return new Tuple(Arrays.asList(values));
    }

    @Override
    public Object get(int index) {
        return values.get(index);
    }

    @Override
    public int size() {
        return values.size();
    }

    /** What {@code groupby} yields: a pair whose halves have names. */
    static final class Group extends Tuple implements Attributes {
        Group(Object grouper, List<Object> list) {
            super(Arrays.asList(grouper, list));
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "grouper" -> get(0);
                case "list" -> get(1);
                default -> Arguments.MISSING;
            };
        }
    }
}
