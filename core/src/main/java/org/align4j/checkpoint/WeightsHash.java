package org.align4j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 over weight files. Files are hashed side by side, so a sharded model takes a fraction of the time. */
final class WeightsHash {
    private static final int BUFFER = 1 << 20;

    private WeightsHash() {}

    /** @param files in the order of their names */
    static String of(List<WeightFile> files) {
        List<String> lines = files.parallelStream()
                .map(file -> hash(file) + "  " + file.path().getFileName() + "\n")
                .toList();
        MessageDigest digest = sha256();
        for (String line : lines) {
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String hash(WeightFile file) {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long position = 0;
        for (int count = file.read(buffer, position); count >= 0; count = file.read(buffer, position)) {
            digest.update(buffer.flip());
            buffer.clear();
            position += count;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
