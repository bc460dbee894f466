package org.align4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Prompts in a file. */
public final class PromptStore extends Stored<Prompt> {
    private PromptStore(Path folder) {
        super(folder);
    }

    /** An empty store, whose file lies in a folder. */
    public static PromptStore in(Path folder) {
        return new PromptStore(folder);
    }

    @Override
    ByteBuffer bytes(Prompt prompt) {
        byte[] text = prompt.text().getBytes(StandardCharsets.UTF_8);
        byte[] source = prompt.source().file().getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES + source.length + text.length);
        buffer.put((byte) (prompt.rendered() ? 1 : 0)).putLong(prompt.source().line());
        return buffer.putInt(source.length).put(source).put(text).flip();
    }

    @Override
    Prompt row(ByteBuffer buffer) {
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
}
