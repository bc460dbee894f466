package org.align4j.hub;

import static org.align4j.AlignException.Kind.FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that break, stall and lie: what arrives is right, or nothing does. */
class BlobDownloadTest extends HubCase {
    private static final String BYTES = "bytes of model.safetensors";
    private Path part;

    @BeforeEach
    void model() {
        putModel();
        part = Path.of(blob(weights) + ".incomplete");
    }

    private void assertWhole() throws IOException {
        assertThat(Files.readAllBytes(model("hub:tiny/llama").resolve("model.safetensors")))
                .isEqualTo(weights);
        assertThat(part).doesNotExist();
    }

    private void assertNothing(String... words) {
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), words);
        assertThat(blob(weights)).doesNotExist();
        assertThat(folder().resolve("refs/main")).doesNotExist();
        assertThat(folder().resolve("snapshots/" + TinyHub.COMMIT + "/model.safetensors"))
                .doesNotExist();
    }

    @Test
    void goesOnWhereAConnectionBroke() throws IOException {
        server.next(BYTES, TinyHub.dropAfter(100_000), TinyHub.dropAfter(50_000));
        assertWhole();
        assertThat(server.secondHost)
                .containsExactly(
                        "GET /models/tiny/llama/model.safetensors null null",
                        "GET /models/tiny/llama/model.safetensors bytes=100000- null",
                        "GET /models/tiny/llama/model.safetensors bytes=150000- null");
        assertThat(messages).anyMatch(line -> line.contains("model.safetensors: ") && line.contains("trying again"));
    }

    @Test
    void goesOnWhereAnotherRunStopped() throws IOException {
        for (int i = 0; i < 4; i++) {
            server.next(BYTES, TinyHub.dropAfter(i == 0 ? 1000 : 0));
        }
        server.next(BYTES, TinyHub.dropAfter(0));
        assertNothing("model.safetensors: not downloaded", "it goes on where it stopped");
        assertThat(Files.size(part)).isEqualTo(1000);
        assertWhole();
        assertThat(server.secondHost.get(server.secondHost.size() - 1)).contains("bytes=1000-");
    }

    @Test
    void aServerThatCannotGoOnBeginsAnew() throws IOException {
        server.next(BYTES, TinyHub.dropAfter(1000), (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            return true;
        });
        assertWhole();
    }

    @Test
    void rangesThatBeginElsewhereAreNotTaken() throws IOException {
        server.next(BYTES, TinyHub.dropAfter(1000), (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-299999/300000");
            exchange.sendResponseHeaders(206, content.length);
            exchange.getResponseBody().write(content);
            return true;
        });
        assertWhole();
    }

    @Test
    void corruptBytesAreDownloadedAfreshOnce() throws IOException {
        server.next(BYTES, TinyHub.changed(TinyHub::flipped));
        assertWhole();
        assertThat(messages).anyMatch(line -> line.contains("the checksum is") && line.contains("afresh"));
    }

    @Test
    void alwaysCorruptBytesAreAnError() {
        server.next(BYTES, TinyHub.changed(TinyHub::flipped), TinyHub.changed(TinyHub::flipped));
        assertNothing("model.safetensors: the checksum is", "expected " + TinyHub.sha256(weights), "again");
        assertThat(part).doesNotExist();
    }

    @Test
    void smallFilesAreCheckedByTheirGitHash() {
        server.next("bytes of config.json", TinyHub.changed(TinyHub::flipped), TinyHub.changed(TinyHub::flipped));
        // What git hash-object says of the file.
        assertNothing("config.json: the checksum is", "expected 230d5f4da0da586aad26ead694ea67cd15bd6df1");
    }

    @Test
    void aPartThatIsCorruptIsNotGoneOnWithForEver() throws IOException {
        Files.createDirectories(part.getParent());
        byte[] wrong = Arrays.copyOf(weights, 2000);
        wrong[7] ^= 1;
        Files.write(part, wrong);
        assertWhole();
        assertThat(server.secondHost).hasSize(2);
        assertThat(server.secondHost.get(1)).contains(" null null");
    }

    @Test
    void aPartLongerThanTheFileIsThrownAway() throws IOException {
        Files.createDirectories(part.getParent());
        Files.write(part, new byte[weights.length + 1]);
        assertWhole();
    }

    @Test
    void wrongSizesAreAnError() {
        server.sayThatSizeIs("model.safetensors", weights.length + 5);
        assertNothing("300,000 bytes came, expected 300,005");
        server.sayThatSizeIs("model.safetensors", weights.length - 5);
        assertNothing("bytes came, expected 299,995");
    }

    @Test
    void waitsForABusyServer() throws IOException {
        server.next(BYTES, TinyHub.status(503), TinyHub.status(429, "Retry-After", "0"), TinyHub.status(500));
        server.next("revision/main", TinyHub.status(502));
        assertWhole();
        assertThat(messages)
                .anyMatch(line -> line.contains("answers 503"))
                .anyMatch(line -> line.contains("answers 429; trying again in 0 s"));
    }

    @Test
    void doesNotWaitForAServerThatAsksForTooMuch() {
        server.next("revision/main", TinyHub.status(429, "Retry-After", "3600"));
        assertNothing("answers 429", "asks to wait for 3600 s");
    }

    @Test
    void givesUpOnAServerThatIsAlwaysBusy() {
        for (int i = 0; i < 4; i++) {
            server.next("revision/main", TinyHub.status(503));
        }
        assertNothing("hub:tiny/llama: not downloaded", "answers 503");
        assertThat(asked("GET", "revision/main")).isEqualTo(4);
    }

    @Test
    void aConnectionThatStallsCountsAsBroken() throws IOException {
        patience = new Patience(4, HASTY.firstWait(), HASTY.longestWait(), Duration.ofMillis(300));
        server.next(BYTES, TinyHub.stallAfter(2000));
        assertWhole();
        assertThat(messages).anyMatch(line -> line.contains("nothing came for"));
    }

    @Test
    void aBlobOfTheWrongSizeIsReplaced() throws IOException {
        Files.createDirectories(part.getParent());
        Files.write(blob(weights), new byte[10]);
        assertWhole();
    }
}
