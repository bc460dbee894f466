package org.align4j.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The server asks to come back later: 408, 429 and most 5xx. */
final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> retryAfter;

    BusyException(int status, Optional<Duration> retryAfter) {
        super("the server answers " + status);
        this.retryAfter = retryAfter;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
