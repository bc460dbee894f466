package org.align4j.gguf;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes through the head of a GGUF file. Whatever length the file claims is compared with what is left before anything is
 * allocated.
 */
final class GgufCursor {
    /** Real files have about a million elements, in the lists of tokens and merges. */
    private static final long MOST_ELEMENTS = 4_000_000;

    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteBuffer bytes;
    private final String where;
    private long elements;

    /** @param bytes little-endian, all that there is of the file or of the longest head */
    GgufCursor(ByteBuffer bytes, String where) {
        this.bytes = bytes;
        this.where = where;
    }

    int position() {
        return bytes.position();
    }

    /** An unsigned number of four bytes. */
    long int32(String what) {
        require(Integer.BYTES, what);
        return bytes.getInt() & 0xffffffffL;
    }

    /** A number of eight bytes that counts something, so at most as many as a long holds. */
    long count(String what) {
        require(Long.BYTES, what);
        long count = bytes.getLong();
        if (count < 0) {
            throw Damage.of(where, what + " is " + Long.toUnsignedString(count) + ", more than any file can hold");
        }
        return count;
    }

    String string(String what) {
        long length = count("the length of " + what);
        require(length, what);
        ByteBuffer utf8 = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(utf8);
            return text.toString();
        } catch (CharacterCodingException e) {
            throw Damage.of(where, what + " is not UTF-8");
        }
    }

    /**
     * A value of the metadata: whole numbers as {@link Long}, a float32 as {@link Float}, a float64 as {@link Double},
     * {@link Boolean}, {@link String}, or a {@link List} of one of these.
     */
    Object value(String key) {
        long type = int32("the type of " + key);
        return type == ARRAY ? array(key) : scalar(type, key);
    }

    private List<Object> array(String key) {
        long type = int32("the type of the elements of " + key);
        long count = count("the length of " + key);
        if (type == ARRAY) {
            throw Damage.unsupported(where, key + " is a list of lists", "expected a list of numbers or texts");
        }
        require(Math.multiplyHigh(count, size(type, key)) != 0 ? Long.MAX_VALUE : count * size(type, key), key);
        elements += count;
        if (elements > MOST_ELEMENTS) {
            throw Damage.of(where, "the metadata hold more than " + MOST_ELEMENTS + " list elements, at " + key);
        }
        List<Object> values = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            values.add(scalar(type, key));
        }
        return values;
    }

    private Object scalar(long type, String key) {
        if (type == STRING) {
            return string(key);
        }
        require(size(type, key), key);
        return switch ((int) type) {
            case 0 -> (long) (bytes.get() & 0xff);
            case 1 -> (long) bytes.get();
            case 2 -> (long) (bytes.getShort() & 0xffff);
            case 3 -> (long) bytes.getShort();
            case 4 -> bytes.getInt() & 0xffffffffL;
            case 5 -> (long) bytes.getInt();
            case 6 -> bytes.getFloat();
            case 7 -> bytes.get() != 0;
            case 10, 11 -> bytes.getLong();
            default -> bytes.getDouble();
        };
    }

    /** The least that one value takes, in bytes. */
    private long size(long type, String key) {
        return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            default -> throw Damage.of(where, key + " has the unknown type " + type);
        };
    }

    private void require(long count, String what) {
        if (count > bytes.remaining()) {
            throw Damage.of(
                    where,
                    "ends within " + what + ": " + (count == Long.MAX_VALUE ? "more than it can hold" : count)
                            + " bytes are claimed at byte " + bytes.position() + ", " + bytes.remaining()
                            + " are left");
        }
    }
}
