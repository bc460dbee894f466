package org.align4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** Prompts in a file: memory holds eight bytes of each, so there may be more than it has room for. See {@link RowStore}. */
public final class PromptStore extends AbstractList<Prompt> implements RandomAccess, AutoCloseable {
    private final ScratchFile file;
    private long[] places = new long[1024];
    private int size;

    private PromptStore(ScratchFile file) {
        this.file = file;
    }

    /** An empty store, whose file lies in a folder. */
    public static PromptStore in(Path folder) {
        return new PromptStore(ScratchFile.in(folder));
    }

    @Override
    public boolean add(Prompt prompt) {
        if (size == places.length) {
            places = Arrays.copyOf(places, size + (size >> 1));
        }
        byte[] text = prompt.text().getBytes(StandardCharsets.UTF_8);
        byte[] source = prompt.source().file().getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES + source.length + text.length);
        buffer.put((byte) (prompt.rendered() ? 1 : 0)).putLong(prompt.source().line());
        buffer.putInt(source.length).put(source).put(text);
        places[size++] = file.append(buffer.flip());
        return true;
    }

    @Override
    public Prompt get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        long end = index + 1 < size ? places[index + 1] : file.size();
        ByteBuffer buffer = file.read(places[index], (int) (end - places[index]));
        boolean rendered = buffer.get() == 1;
        long line = buffer.getLong();
        String source = text(buffer, buffer.getInt());
        return new Prompt(text(buffer, buffer.remaining()), rendered, new Source(source, line));
    }

    private static String text(ByteBuffer buffer, int bytes) {
        byte[] text = new byte[bytes];
        buffer.get(text);
        return new String(text, StandardCharsets.UTF_8);
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
