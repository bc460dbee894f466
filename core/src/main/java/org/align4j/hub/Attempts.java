package org.align4j.hub;

import java.io.IOException;
import java.time.Duration;
import org.align4j.AlignException;

/** Counts attempts at one thing that failed, and waits between them. */
final class Attempts {
    private final String what;
    private final Patience patience;
    private final HubListener listener;
    private int failed;

    /** @param what is tried, for messages */
    Attempts(String what, Patience patience, HubListener listener) {
        this.what = what;
        this.patience = patience;
        this.listener = listener;
    }

    /** Something new has come: the count begins again. */
    void progressed() {
        failed = 0;
    }

    /**
     * Waits before the next attempt: one, two, four … times the first wait, or as long as the server asks.
     *
     * @throws IOException the problem itself, if it was the last attempt or the server asks for too long a wait
     */
    void failed(IOException problem) throws IOException {
        failed++;
        Duration wait = patience.firstWait().multipliedBy(1L << Math.min(failed - 1, 20));
        if (problem instanceof BusyException busy && busy.retryAfter().isPresent()) {
            wait = busy.retryAfter().get();
            if (wait.compareTo(patience.longestWait()) > 0) {
                throw new IOException(
                        problem.getMessage() + " and asks to wait for " + wait.toSeconds() + " s", problem);
            }
        }
        if (failed >= patience.attempts()) {
            throw problem;
        }
        listener.message("%s: %s; trying again in %.0f s".formatted(what, reason(problem), wait.toMillis() / 1e3));
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AlignException.failure(what + ": interrupted while waiting for the hub", e);
        }
    }

    /** What went wrong, on one line; connections often fail without a word. */
    static String reason(IOException problem) {
        String message = problem.getMessage();
        if (problem instanceof java.net.ConnectException) {
            return "no connection" + (message == null ? "" : " (" + RepoPaths.shown(message) + ")");
        }
        return message == null ? problem.getClass().getSimpleName() : RepoPaths.shown(message);
    }
}
