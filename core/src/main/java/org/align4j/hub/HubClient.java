package org.align4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.align4j.AlignException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a hub: what a repository holds, what a file is, and for its bytes. Redirects are followed here and not by the HTTP
 * library, because the token is for the hub alone.
 */
final class HubClient {
    private static final Set<Integer> BUSY = Set.of(408, 429, 500, 502, 503, 504);
    private static final Set<Integer> REDIRECT = Set.of(301, 302, 303, 307, 308);
    private static final int MOST_REDIRECTS = 10;
    private static final int LARGEST_LISTING = 100_000_000; // bytes
    private static final Duration HEADERS = Duration.ofSeconds(30);

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final URI endpoint;
    private final Optional<String> token;
    private final HubListener listener;

    /** What a repository holds at a commit. */
    record Listing(String commit, List<String> files) {}

    /** @param size in bytes, −1 where the hub does not say */
    record RemoteFile(String etag, long size) {}

    HubClient(URI endpoint, Optional<String> token, HubListener listener) {
        this.endpoint = endpoint;
        this.token = token;
        this.listener = listener;
    }

    /** @throws IOException if the hub cannot be reached */
    Listing list(HubName name, Patience patience) throws IOException {
        URI uri = address("/api/" + name.kind().plural + "/" + name.id() + "/revision/" + quoted(name.revision()));
        Attempts attempts = new Attempts(name.toString(), patience, listener);
        while (true) {
            try (InputStream body = open("GET", uri, 0, name, "").body()) {
                return listing(name, body.readNBytes(LARGEST_LISTING));
            } catch (IOException e) {
                attempts.failed(e);
            }
        }
    }

    private static Listing listing(HubName name, byte[] body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JacksonException e) {
            throw HubErrors.strange(name.toString(), "something that is no JSON", "a description of the repository");
        }
        String commit = root.path("sha").asString("");
        JsonNode siblings = root.path("siblings");
        if (!HubName.isCommit(commit) || !siblings.isArray()) {
            throw HubErrors.strange(
                    name.toString(), "JSON without sha or siblings", "the commit and the files of the repository");
        }
        List<String> files = new ArrayList<>();
        for (JsonNode sibling : siblings) {
            String file = sibling.path("rfilename").asString("");
            if (!RepoPaths.isSafe(file)) {
                throw AlignException.badInput(name + ": holds a file named \"" + RepoPaths.shown(file)
                        + "\", which would be written outside of its folder; nothing was downloaded, tell who keeps the"
                        + " repository");
            }
            files.add(file);
        }
        return new Listing(commit, files);
    }

    /**
     * Checksum and size of a file. Large files lie elsewhere: the answer that sends us there says what they are, and what
     * the other host would say is not asked.
     */
    RemoteFile describe(HubName name, String file, Patience patience) throws IOException {
        Attempts attempts = new Attempts(name.withPath(file), patience, listener);
        while (true) {
            try {
                return describeOnce(name, file);
            } catch (IOException e) {
                attempts.failed(e);
            }
        }
    }

    private RemoteFile describeOnce(HubName name, String file) throws IOException {
        URI uri = fileAddress(name, file);
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            HttpResponse<InputStream> response = send("HEAD", uri, 0);
            response.body().close();
            HttpHeaders headers = response.headers();
            Optional<String> linked = headers.firstValue("X-Linked-Etag");
            boolean redirects = REDIRECT.contains(response.statusCode());
            boolean leaves = redirects && !isHub(target(uri, response));
            if (redirects && linked.isEmpty() && !leaves) {
                uri = target(uri, response);
                continue;
            }
            if (!redirects) {
                check(name, file, response);
            }
            String sizeHeader = linked.isPresent() || leaves ? "X-Linked-Size" : "Content-Length";
            return new RemoteFile(
                    checksum(name, file, linked.or(() -> headers.firstValue("ETag"))),
                    headers.firstValueAsLong(sizeHeader).orElse(-1));
        }
        throw tooManyRedirects(name, file);
    }

    /** It becomes the name of a file, so nothing but a checksum will do. */
    private static String checksum(HubName name, String file, Optional<String> etag) {
        String text = etag.orElse("").replaceFirst("^W/", "").replace("\"", "");
        if (!BlobHash.isOne(text)) {
            throw HubErrors.strange(
                    name.withPath(file),
                    etag.map(found -> "ETag " + found).orElse("no ETag"),
                    "the SHA-256 of the file or its git SHA-1");
        }
        return text;
    }

    /**
     * The bytes of a file from some place on. The status is 200 where the server sends all of it, 206 where it begins at
     * {@code from}, and 416 where there is nothing from there on.
     */
    HttpResponse<InputStream> open(HubName name, String file, long from) throws IOException {
        return open("GET", fileAddress(name, file), from, name, file);
    }

    private HttpResponse<InputStream> open(String method, URI first, long from, HubName name, String file)
            throws IOException {
        URI uri = first;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            HttpResponse<InputStream> response = send(method, uri, from);
            if (REDIRECT.contains(response.statusCode())) {
                response.body().close();
                uri = target(uri, response);
                continue;
            }
            if (response.statusCode() != 416 || from == 0) {
                check(name, file, response);
            }
            return response;
        }
        throw tooManyRedirects(name, file);
    }

    private HttpResponse<InputStream> send(String method, URI uri, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(HEADERS)
                .header("User-Agent", "align4j")
                .header("Accept-Encoding", "identity");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (token.isPresent() && isHub(uri)) {
            request.header("Authorization", "Bearer " + token.get());
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AlignException.failure("interrupted while asking the hub", e);
        }
    }

    private void check(HubName name, String file, HttpResponse<InputStream> response) throws IOException {
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            return;
        }
        response.body().close();
        if (BUSY.contains(status)) {
            throw new BusyException(
                    status, response.headers().firstValue("Retry-After").flatMap(HubClient::retryAfter));
        }
        throw HubErrors.refused(name, file, response, token.isPresent());
    }

    /** Seconds, or a date. */
    private static Optional<Duration> retryAfter(String text) {
        if (text.strip().matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
        }
        try {
            ZonedDateTime then = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(ZonedDateTime.now(then.getZone()), then);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static URI target(URI from, HttpResponse<?> response) throws IOException {
        String location = response.headers().firstValue("Location").orElse("");
        try {
            URI to = from.resolve(location);
            String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
            boolean weaker = scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme());
            if (!location.isEmpty() && to.getHost() != null && scheme.matches("https?") && !weaker) {
                return to;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IOException("the server sends us to \"" + RepoPaths.shown(location) + "\", which is no safe address");
    }

    /** Scheme, host and port of the hub itself: only there goes the token. */
    private boolean isHub(URI uri) {
        return endpoint.getScheme().equalsIgnoreCase(uri.getScheme())
                && endpoint.getHost().equalsIgnoreCase(uri.getHost())
                && port(endpoint) == port(uri);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static AlignException tooManyRedirects(HubName name, String file) {
        return HubErrors.strange(name.withPath(file), "more than " + MOST_REDIRECTS + " redirects", "the file");
    }

    /** {@code name} is at a commit. */
    private URI fileAddress(HubName name, String file) {
        StringBuilder path = new StringBuilder("/" + name.kind().prefix + name.id() + "/resolve/" + name.revision());
        for (String part : file.split("/")) {
            path.append('/').append(quoted(part));
        }
        return address(path.toString());
    }

    private URI address(String path) {
        return URI.create(endpoint + path);
    }

    private static String quoted(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
