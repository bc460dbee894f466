package org.align4j.hub;

import static org.align4j.AlignException.Kind.BAD_INPUT;
import static org.align4j.AlignException.Kind.FAILURE;
import static org.align4j.AlignException.Kind.USAGE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;

/** What is downloaded, where it lies, and what an unwilling hub is answered. */
class HubTest extends HubCase {
    private List<String> cached() {
        try (Stream<Path> files = Files.walk(folder())) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder().relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void layoutIsThatOfHuggingfaceHubAndOnlyWhatIsNeededIsDownloaded() throws IOException {
        putModel();
        Path model = model("hub:tiny/llama");
        String config = TinyHub.gitSha1("{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(model).isEqualTo(folder().resolve("snapshots/" + TinyHub.COMMIT));
        assertThat(cached())
                .containsExactlyInAnyOrder(
                        "blobs/" + config,
                        "blobs/" + TinyHub.gitSha1("{}".getBytes(StandardCharsets.UTF_8)),
                        "blobs/" + TinyHub.sha256(weights),
                        "refs/main",
                        "snapshots/" + TinyHub.COMMIT + "/config.json",
                        "snapshots/" + TinyHub.COMMIT + "/model.safetensors",
                        "snapshots/" + TinyHub.COMMIT + "/tokenizer.json");
        assertThat(folder().resolve("refs/main")).hasContent(TinyHub.COMMIT);
        assertThat(Files.readSymbolicLink(model.resolve("config.json"))).isEqualTo(Path.of("../../blobs/" + config));
        assertThat(Files.readAllBytes(model.resolve("model.safetensors"))).isEqualTo(weights);
        assertThat(progress).contains("model.safetensors, kB 300/300", "config.json, kB 1/1");
        assertThat(messages).containsExactly("hub:tiny/llama: commit 0123456789ab, 3 files downloaded");
    }

    @Test
    void whatIsThereIsNotDownloadedAgain() {
        putModel();
        model("hub:tiny/llama");
        server.requests.clear();
        messages.clear();
        model("hub:tiny/llama");
        assertThat(server.requests).containsExactly("GET /api/models/tiny/llama/revision/main");
        assertThat(messages).containsExactly("hub:tiny/llama: commit 0123456789ab, all in the cache");
        server.requests.clear();
        model("hub:tiny/llama@" + TinyHub.COMMIT);
        assertThat(server.requests).as("a commit never changes").isEmpty();
    }

    @Test
    void theTokenStaysWithTheHub() {
        putModel();
        server.secret = "hf_secret";
        variables.put("HF_TOKEN", "hf_secret");
        model("hub:tiny/llama");
        assertThat(server.requests).isNotEmpty().allMatch(line -> line.endsWith("Bearer hf_secret"));
        assertThat(server.secondHost)
                .containsExactly("GET /models/tiny/llama/model.safetensors null null"); // no Range, no Authorization
        assertThat(environment().toString()).doesNotContain("hf_secret");
    }

    @Test
    void theTokenMayStandInItsFile() throws IOException {
        putModel();
        server.secret = "hf_filed";
        Path other = home.resolve("hf");
        Files.createDirectories(other);
        Files.writeString(other.resolve("token"), "hf_filed\n");
        variables.put("HF_HOME", other.toString());
        assertThat(model("hub:tiny/llama")).startsWith(other.resolve("hub/models--tiny--llama"));
    }

    @Test
    void shardsAreThoseOfTheIndex() {
        server.put("models/a/b", "config.json", "{}")
                .put("models/a/b", "consolidated.safetensors", weights)
                .put("models/a/b", "model-00001-of-00002.safetensors", "one")
                .put("models/a/b", "model-00002-of-00002.safetensors", "two")
                .put(
                        "models/a/b",
                        "model.safetensors.index.json",
                        "{\"weight_map\": {\"x\": \"model-00001-of-00002.safetensors\","
                                + " \"y\": \"model-00002-of-00002.safetensors\"}}");
        Path model = model("hub:a/b");
        assertThat(model.resolve("model-00001-of-00002.safetensors")).hasContent("one");
        assertThat(model.resolve("model-00002-of-00002.safetensors")).hasContent("two");
        assertThat(model.resolve("consolidated.safetensors")).doesNotExist();
    }

    @Test
    void anAdapterATokenizerAFolderAndOneFileOfGguf() {
        server.put("models/a/b", "config.json", "{}")
                .put("models/a/b", "tokenizer.json", "{}")
                .put("models/a/b", "additional_chat_templates/tool_use.jinja", "t")
                .put("models/a/b", "model.safetensors", weights)
                .put("models/a/b", "adapter_config.json", "{}")
                .put("models/a/b", "adapter_model.safetensors", "adapter")
                .put("models/a/b", "quant/b-q4 k.gguf", "gguf")
                .put("models/a/b", "step 10/config.json", "{}")
                .put("models/a/b", "step 10/model.safetensors", "later");
        HubName name = HubName.parse(Path.of("hub:a/b"), RepoKind.MODEL);
        Path tokenizer = hub().model(name, ModelPart.TOKENIZER);
        assertThat(tokenizer.resolve("additional_chat_templates/tool_use.jinja"))
                .hasContent("t");
        assertThat(tokenizer.resolve("model.safetensors")).doesNotExist();
        Path adapter = hub().model(name, ModelPart.ADAPTER);
        assertThat(adapter.resolve("adapter_model.safetensors")).hasContent("adapter");
        assertThat(adapter.resolve("model.safetensors")).doesNotExist();
        assertThat(model("hub:a/b@main/quant/b-q4 k.gguf")).hasContent("gguf");
        assertThat(model("hub:a/b/step 10").resolve("model.safetensors")).hasContent("later");
        assertThat(model("hub:a/b").resolve("model.safetensors")).exists();
    }

    @Test
    void copiesWhereLinksAreNotWanted() throws IOException {
        putModel();
        variables.put("HF_HUB_DISABLE_SYMLINKS", "1");
        Path weightsFile = model("hub:tiny/llama").resolve("model.safetensors");
        assertThat(Files.isSymbolicLink(weightsFile)).isFalse();
        assertThat(Files.readAllBytes(weightsFile)).isEqualTo(weights);
    }

    @Test
    void refusalsSayWhatToDo() {
        putModel();
        assertRefused(USAGE, () -> model("hub:tiny/lama"), "hub:tiny/lama", "no such model", "(404)", "HF_TOKEN");
        assertRefused(USAGE, () -> model("hub:tiny/llama@v2"), "has no revision v2");
        server.secret = "x";
        assertRefused(USAGE, () -> model("hub:tiny/llama"), "private (401)", "or set HF_TOKEN");
        variables.put("HF_TOKEN", "y");
        assertRefused(USAGE, () -> model("hub:tiny/llama"), "private (401)", "the account of your token");
        variables.remove("HF_TOKEN");
        server.next("revision/main", TinyHub.status(401, "X-Error-Code", "GatedRepo"));
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "gated (401)", "accept the terms", "set HF_TOKEN");
        server.next("revision/main", TinyHub.status(403, "X-Error-Code", "GatedRepo"));
        variables.put("HF_TOKEN", "y");
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "gated (403)", "with the account of your token");
        server.next("revision/main", TinyHub.status(403, "X-Error-Message", "no right"));
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "refused (403): no right");
        server.next("revision/main", TinyHub.status(404));
        assertRefused(USAGE, () -> model("hub:tiny/llama"), "no such model or revision (404)", "HF_ENDPOINT");
        server.next("revision/main", TinyHub.status(418));
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "answers 418");
    }

    @Test
    void onlyPickledWeightsAreRefusedBeforeAnythingIsDownloaded() {
        server.put("models/a/b", "pytorch_model.bin", "x").put("models/a/b", "config.json", "{}");
        assertRefused(
                BAD_INPUT, () -> model("hub:a/b"), "pytorch_model.bin", "expected config.json", "save_pretrained");
        server.put("models/a/g", "g.Q4.gguf", "x");
        assertRefused(BAD_INPUT, () -> model("hub:a/g"), "g.Q4.gguf", "hub:a/g/FILE.gguf");
    }

    @Test
    void withoutANetworkTheCacheCounts() throws IOException {
        putModel();
        variables.remove("HF_ENDPOINT");
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "not in the cache", "set HF_ENDPOINT to the address");
        variables.put("HF_ENDPOINT", server.address());
        variables.put("HF_HUB_OFFLINE", "1");
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "not in the cache", "HF_HUB_OFFLINE", "unset it");
        assertThat(server.requests).isEmpty();

        variables.remove("HF_HUB_OFFLINE");
        model("hub:tiny/llama");
        variables.put("HF_HUB_OFFLINE", "1");
        server.requests.clear();
        assertThat(model("hub:tiny/llama").resolve("model.safetensors")).exists();
        assertThat(model("hub:tiny/llama@" + TinyHub.COMMIT)).exists();
        assertRefused(FAILURE, () -> model("hub:tiny/llama@v2"), "hub:tiny/llama@v2: it is not in the cache");
        variables.remove("HF_HUB_OFFLINE");
        variables.remove("HF_ENDPOINT");
        assertThat(model("hub:tiny/llama").resolve("model.safetensors")).exists();
        assertThat(server.requests).isEmpty();

        Files.delete(blob(weights)); // as a link to nothing
        assertRefused(FAILURE, () -> model("hub:tiny/llama"), "model.safetensors is not in the cache");
    }

    @Test
    void aHubThatDoesNotAnswerIsDoneWithout() {
        putModel();
        String address = server.address();
        model("hub:tiny/llama");
        server.next("revision/main", TinyHub.status(503));
        assertThat(model("hub:tiny/llama")).exists();
        assertThat(messages).anyMatch(line -> line.contains("answers 503") && line.contains("from the cache"));
        server.close();
        variables.put("HF_ENDPOINT", address);
        assertThat(model("hub:tiny/llama")).exists();
        assertThat(messages).anyMatch(line -> line.contains("no connection"));
        assertRefused(FAILURE, () -> model("hub:tiny/other"), "no connection", "check the network and HF_ENDPOINT");
    }

    @Test
    void namesThatLeaveTheFolderAreRefused() {
        List<String> files = List.of("../x.json", "/etc/x", "a\\..\\b", "a/../../x", "C:/x", "a//b", "a\nb");
        for (int i = 0; i < files.size(); i++) {
            String repo = "evil/m" + i;
            server.put("models/" + repo, "config.json", "{}").put("models/" + repo, files.get(i), "x");
            assertRefused(BAD_INPUT, () -> model("hub:" + repo), "outside of its folder");
        }
        assertThat(cache()).doesNotExist();
        for (String bad : List.of("hub:a", "hub:a/../b", "hub:../b", "hub:a/b@..", "hub:a/b/../c", "hub:a--b/c")) {
            assertRefused(USAGE, () -> model(bad), "expected hub:owner/name");
        }
    }

    @Test
    void anEnvironmentThatMakesNoSenseIsSaidSo() {
        variables.put("HF_TOKEN", "two words");
        assertThat(assertRefused(USAGE, this::environment, "HF_TOKEN").getMessage())
                .doesNotContain("two words");
        variables.put("HF_TOKEN", "x");
        variables.put("HF_ENDPOINT", "hub.example.org");
        assertRefused(USAGE, this::environment, "HF_ENDPOINT is \"hub.example.org\"");
    }

    @Test
    void twoAtTheSameTimeDownloadOnce() throws InterruptedException {
        putModel();
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> model("hub:tiny/llama"));
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(server.secondHost).hasSize(1);
    }

    @Test
    void whatTheListenerThrowsEndsTheDownloadAndThePartStays() throws IOException {
        putModel();
        Hub hub = new Hub(
                environment(),
                new HubListener() {
                    @Override
                    public void message(String line) {}

                    @Override
                    public void downloading(String what, int done, int total) {
                        if (what.startsWith("model") && done > 0) {
                            throw AlignException.failure("enough");
                        }
                    }
                },
                HASTY);
        HubName name = HubName.parse(Path.of("hub:tiny/llama"), RepoKind.MODEL);
        assertRefused(FAILURE, () -> hub.model(name, ModelPart.MODEL), "enough");
        Path part = Path.of(blob(weights) + ".incomplete");
        assertThat(Files.size(part)).isBetween(1L, weights.length - 1L);
        assertThat(folder().resolve("refs/main")).doesNotExist();
        model("hub:tiny/llama");
        assertThat(part).doesNotExist();
        assertThat(Files.readAllBytes(blob(weights))).isEqualTo(weights);
    }
}
