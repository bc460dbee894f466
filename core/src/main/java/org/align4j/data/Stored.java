package org.align4j.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/**
 * Rows in a file: memory holds eight bytes of each, so there may be more than it has room for. A row is read whenever it is
 * asked for; what is asked for often the system keeps in memory as long as there is room.
 */
abstract class Stored<T> extends AbstractList<T> implements RandomAccess, AutoCloseable {
    private final ScratchFile file;
    private long[] places = new long[1024];
    private int size;

    /** @param folder in which the file lies */
    Stored(Path folder) {
        file = ScratchFile.in(folder);
    }

    /** The row as bytes, ready to be read. */
    abstract ByteBuffer bytes(T row);

    /** The row that these bytes are. */
    abstract T row(ByteBuffer bytes);

    @Override
    public boolean add(T row) {
        if (size == places.length) {
            places = Arrays.copyOf(places, size + (size >> 1));
        }
        places[size++] = file.append(bytes(row));
        return true;
    }

    @Override
    public T get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        long end = index + 1 < size ? places[index + 1] : file.size();
        return row(file.read(places[index], (int) (end - places[index])));
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void close() {
        file.close();
    }
}
