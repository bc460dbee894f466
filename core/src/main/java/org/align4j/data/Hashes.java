package org.align4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import tools.jackson.databind.json.JsonMapper;

/** 64 bits of SHA-256, to know what was seen before without keeping it: of a billion texts two meet with one chance in 40. */
final class Hashes {
    private static final JsonMapper JSON = new JsonMapper();

    private Hashes() {}

    static long of(Content content) {
        if (content instanceof Content.Text text) {
            return of("t", text.text());
        }
        return of("m", JSON.writeValueAsString(((Content.Messages) content).messages()));
    }

    private static long of(String kind, String text) {
        return first((kind + text).getBytes(StandardCharsets.UTF_8));
    }

    /** Of several in their order. */
    static long of(long... parts) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * parts.length);
        for (long part : parts) {
            bytes.putLong(part);
        }
        return first(bytes.array());
    }

    private static long first(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
