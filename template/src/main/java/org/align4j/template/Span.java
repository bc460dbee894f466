package org.align4j.template;

/**
 * A piece of a text.
 *
 * @param start offset of its first UTF-16 code unit
 * @param end offset after its last
 */
public record Span(int start, int end) {
    /** The same piece counted in code points, which is how Python and most tokenizers count. */
    public Span inCodePoints(String text) {
        int first = text.codePointCount(0, start);
        return new Span(first, first + text.codePointCount(start, end));
    }
}
