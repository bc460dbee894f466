package org.align4j.hub;

import java.time.Duration;

/**
 * How long to go on with a connection that fails.
 *
 * @param attempts in a row that bring nothing new
 * @param firstWait before the second attempt; it doubles each time
 * @param longestWait that a server may ask for ({@code Retry-After})
 * @param stall without a byte, after which a connection counts as dropped
 */
record Patience(int attempts, Duration firstWait, Duration longestWait, Duration stall) {
    static final Patience USUAL =
            new Patience(6, Duration.ofSeconds(1), Duration.ofSeconds(300), Duration.ofSeconds(60));

    /** For a question that can also be answered without the network. */
    Patience once() {
        return new Patience(1, firstWait, longestWait, stall);
    }
}
