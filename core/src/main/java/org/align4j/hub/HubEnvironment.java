package org.align4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;

/**
 * Where the hub is, where its files are kept, and who asks: the variables that huggingface_hub has.
 *
 * @param endpoint {@code HF_ENDPOINT} without a slash at its end; without one, only the cache is looked at
 * @param cache {@code HF_HUB_CACHE}, else {@code $HF_HOME/hub}, else {@code ~/.cache/huggingface/hub}
 * @param token {@code HF_TOKEN}, else what stands in {@code HF_TOKEN_PATH} or {@code $HF_HOME/token}
 * @param offline {@code HF_HUB_OFFLINE}: the network is not used
 * @param symlinks false with {@code HF_HUB_DISABLE_SYMLINKS}: snapshots hold copies
 */
public record HubEnvironment(
        Optional<URI> endpoint, Path cache, Optional<String> token, boolean offline, boolean symlinks) {
    private static final List<String> TRUE = List.of("1", "ON", "YES", "TRUE");

    /** That of this process. */
    public static HubEnvironment ofProcess() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** @throws AlignException if the endpoint is no address or the token no word */
    public static HubEnvironment of(Map<String, String> variables, Path userHome) {
        Path home = home(variables, userHome);
        Path tokenFile = path(variables, "HF_TOKEN_PATH", userHome).orElse(home.resolve("token"));
        Optional<String> token = value(variables, "HF_TOKEN")
                .or(() -> value(variables, "HUGGING_FACE_HUB_TOKEN"))
                .or(() -> firstLine(tokenFile));
        token.ifPresent(HubEnvironment::checkToken);
        return new HubEnvironment(
                value(variables, "HF_ENDPOINT").map(HubEnvironment::address),
                cache(variables, userHome),
                token,
                isTrue(variables, "HF_HUB_OFFLINE") || isTrue(variables, "TRANSFORMERS_OFFLINE"),
                !isTrue(variables, "HF_HUB_DISABLE_SYMLINKS"));
    }

    /** The cache alone, whatever else is set. */
    public static Path cacheOfProcess() {
        return cache(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    private static Path cache(Map<String, String> variables, Path userHome) {
        return path(variables, "HF_HUB_CACHE", userHome)
                .or(() -> path(variables, "HUGGINGFACE_HUB_CACHE", userHome))
                .orElse(home(variables, userHome).resolve("hub"));
    }

    private static Path home(Map<String, String> variables, Path userHome) {
        Path base = path(variables, "XDG_CACHE_HOME", userHome).orElse(userHome.resolve(".cache"));
        return path(variables, "HF_HOME", userHome).orElse(base.resolve("huggingface"));
    }

    private static Optional<String> value(Map<String, String> variables, String name) {
        String value = variables.getOrDefault(name, "").strip();
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private static boolean isTrue(Map<String, String> variables, String name) {
        return TRUE.contains(variables.getOrDefault(name, "").toUpperCase(Locale.ROOT));
    }

    private static Optional<Path> path(Map<String, String> variables, String name, Path userHome) {
        return value(variables, name)
                .map(text -> text.equals("~") || text.startsWith("~/") ? userHome + text.substring(1) : text)
                .map(Path::of);
    }

    private static Optional<String> firstLine(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException e) {
            throw AlignException.failure(
                    file + ": the hub's token cannot be read (" + e + "); give this user permission or set HF_TOKEN",
                    e);
        }
    }

    /** What a header may hold. The token itself is never shown. */
    private static void checkToken(String token) {
        if (!token.matches("[\\x21-\\x7e]+")) {
            throw AlignException.usage("the hub's token (HF_TOKEN or the file token in HF_HOME) has spaces, line breaks"
                    + " or other characters that no token has; expected one word such as hf_…");
        }
    }

    private static URI address(String text) {
        try {
            URI uri = new URI(text.replaceFirst("/+$", ""));
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() != null && List.of("http", "https").contains(scheme) && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw AlignException.usage("HF_ENDPOINT is \"" + RepoPaths.shown(text)
                + "\", expected the address of a hub, such as https://hub.example.org");
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HubEnvironment[endpoint=" + endpoint + ", cache=" + cache + ", token="
                + (token.isPresent() ? "given" : "none") + ", offline=" + offline + ", symlinks=" + symlinks + "]";
    }
}
