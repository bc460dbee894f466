package org.align4j.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hub on this machine, which speaks as Hugging Face's does: small files come through a relative redirect, large ones
 * (safetensors, parquet) from a second host that says nothing about them. It fails as it is told to.
 */
public final class TinyHub implements AutoCloseable {
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What a server does instead of its work; null: its work after all. */
    interface Fault {
        Boolean happens(HttpExchange exchange, byte[] content) throws IOException;
    }

    final List<String> requests = Collections.synchronizedList(new ArrayList<>()); // "GET /path bytes=3- Bearer x"
    final List<String> secondHost = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Map<String, byte[]>> repos = new LinkedHashMap<>(); // by "models/owner/name"
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>(); // by the end of an address
    private final Map<String, Long> saidSizes = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub = start(this::answer);
    private final HttpServer cdn = start(this::answerLarge);
    volatile String secret = ""; // the token without which nothing is given

    private HttpServer start(com.sun.net.httpserver.HttpHandler handler) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    handler.handle(exchange);
                }
            });
            server.setExecutor(threads);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return address(hub);
    }

    private static String address(HttpServer server) {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** Adds a file to {@code models/owner/name} or {@code datasets/owner/name}. */
    public TinyHub put(String repo, String file, byte[] content) {
        repos.computeIfAbsent(repo, key -> new TreeMap<>()).put(file, content);
        return this;
    }

    public TinyHub put(String repo, String file, String content) {
        return put(repo, file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The next answers to GET of an address that ends so. */
    void next(String addressEnd, Fault... next) {
        faults.computeIfAbsent(addressEnd, key -> new ArrayDeque<>()).addAll(List.of(next));
    }

    void sayThatSizeIs(String file, long size) {
        saidSizes.put(file, size);
    }

    static Fault status(int status, String... headers) {
        return (exchange, content) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /** Breaks the connection after so many bytes more, when the client has had time to read them: it forgets what it has not. */
    static Fault dropAfter(int bytes) {
        return (exchange, content) -> {
            sendRange(exchange, content, bytes);
            if (bytes > 0) {
                pause(200);
            }
            return true;
        };
    }

    /** Sends other bytes, as many. */
    static Fault changed(UnaryOperator<byte[]> change) {
        return (exchange, content) -> {
            sendRange(exchange, change.apply(content.clone()), Integer.MAX_VALUE);
            return true;
        };
    }

    static byte[] flipped(byte[] content) {
        content[content.length / 2] ^= 1;
        return content;
    }

    /** Sends so many bytes and then nothing, until the client goes away. */
    static Fault stallAfter(int bytes) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, bytes);
            exchange.getResponseBody().flush();
            pause(3000);
            return true;
        };
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static boolean isLarge(String file) {
        return file.endsWith(".safetensors") || file.endsWith(".parquet") || file.endsWith(".gguf");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Headers asked = exchange.getRequestHeaders();
        requests.add((exchange.getRequestMethod() + " " + path + " "
                        + asked.getOrDefault("Range", List.of("")).get(0) + " "
                        + asked.getOrDefault("Authorization", List.of("")).get(0))
                .strip());
        if (fails(exchange, path, new byte[0])) {
            return;
        }
        if (!secret.isEmpty() && !("Bearer " + secret).equals(asked.getFirst("Authorization"))) {
            status(401, "X-Error-Code", "RepoNotFound").happens(exchange, null);
            return;
        }
        if (path.startsWith("/api/resolve-cache/")) {
            String[] parts = path.substring("/api/resolve-cache/".length()).split("/", 5);
            byte[] content = content(parts[0] + "/" + parts[1] + "/" + parts[2], parts[4]);
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            exchange.getResponseHeaders().set("ETag", "\"" + gitSha1(content) + "\"");
            send(exchange, parts[4], content);
        } else if (path.startsWith("/api/")) {
            answerApi(exchange, path.substring("/api/".length()));
        } else {
            answerResolve(exchange, path.substring(1));
        }
    }

    private void answerApi(HttpExchange exchange, String path) throws IOException {
        String[] parts = path.split("/", 5); // models/owner/name/revision/main
        String repo = parts[0] + "/" + parts[1] + "/" + parts[2];
        if (!repos.containsKey(repo)) {
            status(404, "X-Error-Code", "RepoNotFound").happens(exchange, null);
            return;
        }
        if (!List.of("main", COMMIT).contains(parts[4].split("\\?")[0])) {
            status(404, "X-Error-Code", "RevisionNotFound").happens(exchange, null);
            return;
        }
        List<Map<String, Object>> siblings = new ArrayList<>();
        List<Map<String, Object>> tree = new ArrayList<>();
        repos.get(repo).forEach((file, content) -> {
            siblings.add(Map.of("rfilename", file));
            Map<String, Object> leaf = new LinkedHashMap<>(
                    Map.of("type", "file", "path", file, "size", content.length, "oid", gitSha1(content)));
            if (isLarge(file)) {
                leaf.put("lfs", Map.of("oid", sha256(content), "size", content.length, "pointerSize", 130));
            }
            tree.add(leaf);
        });
        Object answer = parts[3].equals("tree")
                ? tree
                : Map.of("id", parts[1] + "/" + parts[2], "sha", COMMIT, "siblings", siblings);
        byte[] json = new JsonMapper().writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, json.length);
        exchange.getResponseBody().write(json);
    }

    private void answerResolve(HttpExchange exchange, String path) throws IOException {
        String prefixed = path.startsWith("datasets/") ? path : "models/" + path;
        String[] parts = prefixed.split("/", 6); // models/owner/name/resolve/COMMIT/file
        String repo = parts[0] + "/" + parts[1] + "/" + parts[2];
        byte[] content = content(repo, parts[5]);
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (content == null) {
            status(404, "X-Error-Code", "EntryNotFound").happens(exchange, null);
            return;
        }
        if (isLarge(parts[5])) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(content) + "\"");
            exchange.getResponseHeaders()
                    .set("X-Linked-Size", "" + saidSizes.getOrDefault(parts[5], (long) content.length));
            exchange.getResponseHeaders().set("Location", address(cdn) + "/" + repo + "/" + encoded(parts[5]));
            exchange.sendResponseHeaders(302, -1);
        } else {
            exchange.getResponseHeaders()
                    .set("Location", "/api/resolve-cache/" + repo + "/" + COMMIT + "/" + encoded(parts[5]));
            exchange.sendResponseHeaders(307, -1);
        }
    }

    private void answerLarge(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String auth = exchange.getRequestHeaders().getFirst("Authorization");
        String range = exchange.getRequestHeaders().getFirst("Range");
        secondHost.add(exchange.getRequestMethod() + " " + path + " " + range + " " + auth);
        String[] parts = path.substring(1).split("/", 4);
        exchange.getResponseHeaders().set("ETag", "\"of-another-kind\"");
        send(exchange, parts[3], content(parts[0] + "/" + parts[1] + "/" + parts[2], parts[3]));
    }

    private byte[] content(String repo, String file) {
        return repos.getOrDefault(repo, Map.of()).get(file);
    }

    private void send(HttpExchange exchange, String file, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders()
                    .set("Content-Length", "" + saidSizes.getOrDefault(file, (long) content.length));
            exchange.sendResponseHeaders(200, -1);
        } else if (!fails(exchange, "bytes of " + file, content)) {
            sendRange(exchange, content, Integer.MAX_VALUE);
        }
    }

    private boolean fails(HttpExchange exchange, String address, byte[] content) throws IOException {
        for (Map.Entry<String, Deque<Fault>> each : faults.entrySet()) {
            Fault fault;
            synchronized (each.getValue()) {
                fault = address.endsWith(each.getKey()) ? each.getValue().poll() : null;
            }
            if (fault != null) {
                return fault.happens(exchange, content);
            }
        }
        return false;
    }

    /** Honours Range; with fewer bytes than it announces the connection breaks when the exchange is closed. */
    private static void sendRange(HttpExchange exchange, byte[] content, int most) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (range != null && from >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        byte[] rest = Arrays.copyOfRange(content, from, content.length);
        exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length == 0 ? -1 : rest.length);
        OutputStream out = exchange.getResponseBody();
        out.write(rest, 0, Math.min(most, rest.length));
        out.flush();
    }

    private static String encoded(String file) {
        try {
            return new URI(null, null, file, null).getRawPath();
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String sha256(byte[] content) {
        return hash("SHA-256", content);
    }

    static String gitSha1(byte[] content) {
        byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return hash("SHA-1", all);
    }

    private static String hash(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        cdn.stop(0);
        threads.shutdownNow();
    }
}
