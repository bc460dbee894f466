package org.align4j.data;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/** Lists whose elements are made whenever they are asked for. */
public final class Lazily {
    private Lazily() {}

    /** @param element gives the same for the same index, from 0 on */
    public static <T> List<T> list(int size, IntFunction<T> element) {
        return new View<>(size, element);
    }

    private static final class View<T> extends AbstractList<T> implements RandomAccess {
        private final int size;
        private final IntFunction<T> element;

        private View(int size, IntFunction<T> element) {
            this.size = size;
            this.element = element;
        }

        @Override
        public T get(int index) {
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException(index);
            }
            return element.apply(index);
        }

        @Override
        public int size() {
            return size;
        }
    }
}
