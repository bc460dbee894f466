package org.align4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The checksum that names a blob: of files in large file storage the SHA-256 of the bytes, of others the SHA-1 of
 * git's blob object, {@code "blob " + size + NUL + bytes}.
 */
final class BlobHash {
    private static final int SHA256_DIGITS = 64;
    private static final int SHA1_DIGITS = 40;

    private BlobHash() {}

    static boolean isOne(String etag) {
        return (etag.length() == SHA256_DIGITS || etag.length() == SHA1_DIGITS) && etag.matches("[0-9a-f]+");
    }

    /** The hash of a file, of the kind that {@code etag} is of. */
    static String of(Path file, String etag) throws IOException {
        MessageDigest digest = digest(etag.length() == SHA256_DIGITS ? "SHA-256" : "SHA-1");
        if (etag.length() == SHA1_DIGITS) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has " + algorithm, e);
        }
    }
}
