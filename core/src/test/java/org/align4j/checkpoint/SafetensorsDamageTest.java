package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertBad;
import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.align4j.checkpoint.Fixtures.rawFile;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which a file can lie, and the one line that names it. */
class SafetensorsDamageTest {
    private static final String AGAIN = "download or export it again";

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("model.safetensors");
    }

    private void assertHeaderBad(String header, int dataSize, String... words) throws IOException {
        Path file = rawFile(file(), header, dataSize);
        assertBad(() -> SafetensorsFile.open(file), "model.safetensors");
        assertBad(() -> SafetensorsFile.open(file), words);
    }

    @Test
    void theUndamagedFileIsAccepted() throws IOException {
        Path file = rawFile(file(), "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.bytes("w").get(1)).isEqualTo((byte) 1);
            assertBad(() -> opened.bytes("v"), "no tensor \"v\"", "only w");
        }
    }

    @Test
    void missingOrFolder() {
        assertRefused(AlignException.Kind.USAGE, () -> SafetensorsFile.open(file()), "no such file", "check the path");
        assertRefused(AlignException.Kind.USAGE, () -> SafetensorsFile.open(folder), "is a folder");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "7"})
    void shorterThanEightBytes(int size) throws IOException {
        Files.write(file(), new byte[size]);
        assertBad(() -> SafetensorsFile.open(file()), "has " + size + " bytes", "at least 8", AGAIN);
    }

    @ParameterizedTest
    @CsvSource({
        "100000001, at most 100000000",
        "-1, claims a header of 18446744073709551615 bytes",
        "3, only 2 follow",
        "0, 'found nothing, expected an object'"
    })
    void absurdHeaderLength(long length, String words) throws IOException {
        rawFile(file(), length, "{}".getBytes(StandardCharsets.UTF_8), 0);
        assertBad(() -> SafetensorsFile.open(file()), "model.safetensors", words, AGAIN);
    }

    @Test
    void gitLfsPointer() throws IOException {
        Files.writeString(file(), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
        assertBad(() -> SafetensorsFile.open(file()), "Git LFS pointer", "git lfs pull");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                | type ARRAY, expected an object",
                "7                 | type NUMBER, expected an object",
                "{\"w\":           | is not a JSON object",
                "{} {}             | is not a JSON object",
                "{'w':1}           | is not a JSON object",
                "{\"a\":{},\"a\":{}} | \"a\"",
            })
    void headerIsNotAnObject(String header, String words) throws IOException {
        assertHeaderBad(header, 0, words, AGAIN);
    }

    @Test
    void headerIsNotUtf8() throws IOException {
        byte[] latin = "{\"ä\":1}".getBytes(StandardCharsets.ISO_8859_1);
        rawFile(file(), latin.length, latin, 0);
        assertBad(() -> SafetensorsFile.open(file()), "not UTF-8", AGAIN);
        byte[] wide = "{}".getBytes(StandardCharsets.UTF_16LE);
        rawFile(file(), wide.length, wide, 0);
        assertBad(() -> SafetensorsFile.open(file()), "not a JSON object", AGAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7               | __metadata__ is NUMBER",
                "{\"a\":1}       | __metadata__ \"a\" is NUMBER, expected a string",
            })
    void metadataAreStrings(String metadata, String words) throws IOException {
        assertHeaderBad("{\"__metadata__\":" + metadata + "}", 0, words);
    }

    @Test
    void nullMetadataAreNone() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(rawFile(file(), "{\"__metadata__\":null}", 0))) {
            assertThat(file.metadata()).isEmpty();
            assertThat(file.tensors()).isEmpty();
        }
    }

    /** One tensor "w" before eight data bytes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7                                                          | has no dtype",
                "{\"shape\":[2],\"data_offsets\":[0,8]}                       | has no dtype",
                "{\"dtype\":5,\"shape\":[2],\"data_offsets\":[0,8]}             | has no dtype",
                "{\"dtype\":\"Q4\",\"shape\":[2],\"data_offsets\":[0,8]}          | unknown dtype \"Q4\", expected one of [F64, F32",
                "{\"dtype\":\"F32\",\"data_offsets\":[0,8]}                     | shape is missing",
                "{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}           | shape is missing",
                "{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}        | shape holds -2",
                "{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}       | shape holds 2.0",
                "{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}       | shape holds \"2\"",
                "{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,8]} | shape holds 9223372036854775808",
                "{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]} | more than any file can hold",
                "{\"dtype\":\"F32\",\"shape\":[2]}                             | data_offsets is missing",
                "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}           | data_offsets [0], expected [begin, end]",
                "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}         | data_offsets [8, 0], expected [begin, end]",
                "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}        | data_offsets holds -8",
                "{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}        | ends at data byte 16, the file has only 8",
                "{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}         | has 8 bytes, F32 [3] takes 12",
                "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}         | 4 bytes trail after tensor \"w\"",
                "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}         | data bytes 0 to 4 between the header and tensor \"w\" belong to no tensor",
            })
    void tensorEntry(String entry, String words) throws IOException {
        assertHeaderBad("{\"w\":" + entry + "}", 8, "\"w\"", words);
    }

    @Test
    void overlapAndHoleBetweenTensors() throws IOException {
        String first = "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},";
        assertHeaderBad(
                first + "\"b\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[3,8]}}",
                8,
                "tensor \"b\" begins at data byte 3 and overlaps tensor \"a\"",
                AGAIN);
        assertHeaderBad(
                first + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[5,8]}}",
                8,
                "data bytes 4 to 5 between tensor \"a\" and tensor \"b\"",
                AGAIN);
    }

    @Test
    void namesFromTheFileCannotBreakTheLine() throws IOException {
        assertHeaderBad("{\"evil\\nname\":{\"dtype\":\"F\\r9\"}}", 0, "\"evil\\u000aname\"", "\"F\\u000d9\"");
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = wholeFile();
        for (int size = 0; size < whole.length; size++) {
            Files.write(file(), Arrays.copyOf(whole, size));
            assertBad(() -> SafetensorsFile.open(file()), "model.safetensors", AGAIN);
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length + 1));
        assertBad(() -> SafetensorsFile.open(file()), "1 bytes trail", AGAIN);
    }

    @Test
    void randomDamageIsReadOrRefusedButNeverCrashes() throws IOException {
        byte[] whole = wholeFile();
        Random random = new Random(20);
        int refused = 0;
        int rounds = 4000;
        for (int round = 0; round < rounds; round++) {
            Files.write(file(), mutate(whole, random));
            try (SafetensorsFile file = SafetensorsFile.open(file())) {
                for (TensorInfo info : file.tensors().values()) {
                    assertThat((long) file.bytes(info.name()).remaining()).isEqualTo(info.byteCount());
                }
            } catch (AlignException e) {
                assertThat(e.getMessage()).contains("model.safetensors").doesNotContain("\n", "\r");
                refused++;
            }
        }
        // Damage to data or to letters of a name cannot be seen; the seed makes the count the same every time.
        assertThat(refused).isBetween(rounds / 2, rounds - 1);
    }

    private byte[] wholeFile() throws IOException {
        SafetensorsWriter.write(
                file(),
                List.of(
                        Fixtures.counting("model.embed", 0, 3, 2),
                        Fixtures.counting("model.norm", 9, 2),
                        Fixtures.counting("s", 1)));
        return Files.readAllBytes(file());
    }

    /** One to three changes: a byte set, a bit flipped, bytes cut out, repeated or inserted; mostly in the header. */
    private static byte[] mutate(byte[] whole, Random random) {
        byte[] bytes = whole;
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && bytes.length > 8; i++) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(1 + random.nextInt(8), bytes.length - at);
            switch (random.nextInt(5)) {
                case 0 -> bytes = replaced(bytes, at, 1, new byte[] {(byte) random.nextInt(256)});
                case 1 -> bytes = replaced(bytes, at, 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
                case 2 -> bytes = replaced(bytes, at, length, new byte[0]);
                case 3 -> bytes = replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
                default ->
                    bytes = replaced(
                            bytes, at, 1, new byte[] {(byte) "0123456789[]{}\",:-".charAt(random.nextInt(18))});
            }
        }
        return bytes;
    }

    private static byte[] replaced(byte[] bytes, int at, int count, byte[] by) {
        byte[] result = Arrays.copyOf(bytes, bytes.length - count + by.length);
        System.arraycopy(by, 0, result, at, by.length);
        System.arraycopy(bytes, at + count, result, at + by.length, bytes.length - at - count);
        return result;
    }
}
