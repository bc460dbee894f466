package org.align4j.template;

import java.util.Iterator;
import java.util.List;

/** What {@code map}, {@code select} and their like give: can be gone through once, and has no length. */
final class Generator implements Iterator<Object> {
    private final Iterator<Object> values;

    Generator(List<Object> values) {
        this.values = values.iterator();
    }

    @Override
    public boolean hasNext() {
        return values.hasNext();
    }

    @Override
    public Object next() {
        return values.next();
    }
}
