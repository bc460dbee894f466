package org.align4j.template;

import java.time.Clock;

/**
 * How to render.
 *
 * @param clock what {@code strftime_now} reads
 * @param generationSpans whether to find the spans of {@code {% generation %}} blocks. A block whose text is first
 *     collected elsewhere (in a macro, a set, call or filter block, or a recursive loop) has no known place in the
 *     result, and is then an error; transformers returns a wrong span for it.
 * @param maxWork bound on the work of one rendering: about one unit an expression and ten a call, one for two characters that are
 *     made, and eight for an element of a list. The default is a matter of seconds.
 * @param maxText bound on the characters of the result and of any text on the way
 */
public record RenderOptions(Clock clock, boolean generationSpans, long maxWork, int maxText) {
    /** The system's clock in its time zone, no spans, 50 million units, 16 million characters. */
    public static RenderOptions defaults() {
        return new RenderOptions(Clock.systemDefaultZone(), false, 50_000_000, 16_000_000);
    }

    public RenderOptions withClock(Clock other) {
        return new RenderOptions(other, generationSpans, maxWork, maxText);
    }

    public RenderOptions withGenerationSpans() {
        return new RenderOptions(clock, true, maxWork, maxText);
    }

    public RenderOptions withLimits(long work, int text) {
        return new RenderOptions(clock, generationSpans, work, text);
    }
}
