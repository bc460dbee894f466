package org.align4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.align4j.AlignException;

/**
 * Brings one file into the cache. It grows under {@code blobs/ETAG.incomplete}, which a later run goes on with, and gets
 * its name only when size and checksum are right.
 */
final class BlobDownload {
    private static final long KILO = 1000;
    private static final long MEGA = 1000 * KILO;

    private final HubClient client;
    private final HubName name;
    private final String file;
    private final HubClient.RemoteFile remote;
    private final Path blob;
    private final Path part;
    private final Patience patience;
    private final HubListener listener;

    /**
     * @param name at a commit
     * @param blob where to put it; its folder exists
     */
    BlobDownload(
            HubClient client,
            HubName name,
            String file,
            HubClient.RemoteFile remote,
            Path blob,
            Patience patience,
            HubListener listener) {
        this.client = client;
        this.name = name;
        this.file = file;
        this.remote = remote;
        this.blob = blob;
        this.part = blob.resolveSibling(blob.getFileName() + ".incomplete");
        this.patience = patience;
        this.listener = listener;
    }

    /** Downloads what is missing; what turns out wrong is downloaded once more, from its beginning. */
    void run() {
        String problem = attempt();
        if (!problem.isEmpty()) {
            listener.message(what() + ": " + problem + "; downloading it afresh");
            problem = attempt();
        }
        if (!problem.isEmpty()) {
            throw AlignException.failure(
                    what() + ": " + problem
                            + " again; nothing of it is kept; try later, or another network: what stands between may change it");
        }
    }

    /** The problem with what has come; empty if it is right and in its place. */
    private String attempt() {
        try {
            fetch();
        } catch (IOException e) {
            throw HubErrors.unreachable(what(), e);
        }
        try {
            String found = BlobHash.of(part, remote.etag());
            if (!found.equals(remote.etag())) {
                Files.delete(part);
                return "the checksum is " + found + ", expected " + remote.etag();
            }
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE);
            return "";
        } catch (IOException e) {
            throw HubErrors.onDisk(what(), e);
        }
    }

    /** Until all bytes are there, whatever they are. */
    private void fetch() throws IOException {
        Attempts attempts = new Attempts(what(), patience, listener);
        while (true) {
            long have = partSize();
            if (remote.size() >= 0 && have > remote.size()) {
                deletePart();
                have = 0;
            }
            if (have == remote.size() && Files.exists(part)) {
                report(have);
                return;
            }
            checkSpace(remote.size() - have);
            try {
                receive(have);
                long now = partSize();
                if (remote.size() < 0 || now == remote.size()) {
                    return;
                }
                deletePart(); // The server took it for whole, so going on from there makes no sense.
                attempts.failed(new IOException(
                        String.format(Locale.ROOT, "%,d bytes came, expected %,d", now, remote.size())));
            } catch (DroppedException e) {
                if (partSize() > have) {
                    attempts.progressed();
                }
                attempts.failed(e.problem);
            }
        }
    }

    /** The network's part of what can go wrong, as opposed to the disk's. */
    private static final class DroppedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient IOException problem;

        private DroppedException(IOException problem) {
            super(problem);
            this.problem = problem;
        }
    }

    /** Appends what one connection brings, or begins anew where the server does. */
    private void receive(long have) throws DroppedException {
        HttpResponse<InputStream> response;
        try {
            response = client.open(name, file, have);
        } catch (IOException e) {
            throw new DroppedException(e);
        }
        try (InputStream body = response.body();
                StallGuard guard = new StallGuard(body, patience.stall())) {
            boolean goesOn = response.statusCode() == 206 && begin(response) == have;
            if (response.statusCode() == 416 || response.statusCode() == 206 && !goesOn) {
                deletePart();
                throw new DroppedException(new IOException("the server cannot go on from byte " + have));
            }
            try (FileChannel out = open(goesOn ? have : 0)) {
                copy(body, guard, out);
            }
        } catch (IOException e) {
            throw HubErrors.onDisk(what(), e);
        }
    }

    private void copy(InputStream body, StallGuard guard, FileChannel out) throws IOException, DroppedException {
        byte[] buffer = new byte[1 << 17];
        long at = out.position();
        if (remote.size() > buffer.length) {
            report(at); // what comes in one piece needs no beginning
        }
        while (true) {
            int count;
            try {
                count = body.read(buffer);
            } catch (IOException e) {
                throw new DroppedException(guard.explain(e));
            }
            if (count < 0) {
                return;
            }
            guard.alive();
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            at += count;
            if (remote.size() >= 0 && at > remote.size()) {
                return; // more than there is: no need to see how much
            }
            report(at);
        }
    }

    private FileChannel open(long from) throws IOException {
        FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        out.truncate(from);
        out.position(from);
        return out;
    }

    /** Where the server says its bytes begin: {@code Content-Range: bytes 100-199/200}; −1 if it does not. */
    private static long begin(HttpResponse<?> response) {
        String range = response.headers().firstValue("Content-Range").orElse("");
        return range.matches("bytes \\d{1,18}-.*") ? Long.parseLong(range.substring(6, range.indexOf('-'))) : -1;
    }

    private long partSize() {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw HubErrors.onDisk(what(), e);
        }
    }

    private void deletePart() {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw HubErrors.onDisk(what(), e);
        }
    }

    private void checkSpace(long needed) {
        try {
            long free = Files.getFileStore(part.getParent()).getUsableSpace();
            if (free < needed) {
                throw AlignException.failure(String.format(
                        Locale.ROOT,
                        "%s: the disk of %s has %,d MB free, this file needs %,d MB; free space, or set HF_HUB_CACHE to a"
                                + " folder on another disk",
                        what(),
                        part.getParent(),
                        free / MEGA,
                        needed / MEGA + 1));
            }
        } catch (IOException e) {
            return; // Some file systems do not say; then writing will.
        }
    }

    /** In MB, small files in kB; nothing where the size is not known. */
    private void report(long bytes) {
        if (remote.size() > 0) {
            boolean large = remote.size() >= 10 * MEGA;
            long unit = large ? MEGA : KILO;
            int total = (int) Math.max(1, (remote.size() + unit - 1) / unit);
            int done = bytes == remote.size() ? total : (int) (bytes / unit);
            listener.downloading(file + (large ? ", MB" : ", kB"), done, total);
        }
    }

    private String what() {
        return name.withPath(file);
    }
}
