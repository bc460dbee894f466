package org.align4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.align4j.AlignException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub, a cache, and who asks. */
abstract class HubCase {
    static final String MODEL = "models/tiny/llama";
    static final Patience HASTY = new Patience(4, Duration.ofMillis(1), Duration.ofSeconds(2), Duration.ofSeconds(60));

    @TempDir
    Path home;

    final TinyHub server = new TinyHub();
    final byte[] weights = new byte[300_000];
    final List<String> messages = Collections.synchronizedList(new ArrayList<>());
    final List<String> progress = Collections.synchronizedList(new ArrayList<>());
    final Map<String, String> variables = new LinkedHashMap<>();
    Patience patience = HASTY;

    HubCase() {
        new SplittableRandom(1).nextBytes(weights);
        variables.put("HF_ENDPOINT", server.address() + "/");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    void putModel() {
        server.put(MODEL, "config.json", "{\"model_type\": \"llama\"}")
                .put(MODEL, "tokenizer.json", "{}")
                .put(MODEL, "README.md", "# A model")
                .put(MODEL, "pytorch_model.bin", "pickled")
                .put(MODEL, "onnx/model.onnx", "onnx")
                .put(MODEL, "model.safetensors", weights);
    }

    HubEnvironment environment() {
        return HubEnvironment.of(variables, home);
    }

    Path cache() {
        return home.resolve(".cache/huggingface/hub");
    }

    Path folder() {
        return cache().resolve("models--tiny--llama");
    }

    Path blob(byte[] content) {
        return folder().resolve("blobs").resolve(TinyHub.sha256(content));
    }

    Hub hub() {
        return new Hub(
                environment(),
                new HubListener() {
                    @Override
                    public void message(String line) {
                        messages.add(line);
                    }

                    @Override
                    public void downloading(String what, int done, int total) {
                        progress.add(what + " " + done + "/" + total);
                    }
                },
                patience);
    }

    Path model(String name) {
        return hub().model(HubName.parse(Path.of(name), RepoKind.MODEL), ModelPart.MODEL);
    }

    Path data(String name, Split split) {
        return hub().data(HubName.parse(Path.of(name), RepoKind.DATASET), split);
    }

    /** How often an address was asked for its bytes. */
    long asked(String method, String end) {
        return server.requests.stream()
                .filter(line -> line.startsWith(method + " ") && line.split(" ")[1].endsWith(end))
                .count();
    }

    /** Expects an error of that kind in one line that holds all the words. */
    static AlignException assertRefused(AlignException.Kind kind, ThrowingCallable call, String... words) {
        AlignException refused = catchThrowableOfType(AlignException.class, call);
        assertThat(refused).as("an AlignException").isNotNull();
        assertThat(refused.getMessage()).contains(words).doesNotContain("\n", "\r");
        assertThat(refused.kind()).isEqualTo(kind);
        return refused;
    }
}
