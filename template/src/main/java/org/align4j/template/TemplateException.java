package org.align4j.template;

/** A template that cannot be parsed or rendered: what is wrong and where in the template. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int line;
    private final int column;
    private final boolean raised;

    TemplateException(String reason, String source, int at, boolean raised) {
        this(reason, lineOf(source, at), columnOf(source, at), raised);
    }

    private TemplateException(String reason, int line, int column, boolean raised) {
        super("line " + line + ", column " + column + ": " + reason);
        this.reason = reason;
        this.line = line;
        this.column = column;
        this.raised = raised;
    }

    private static int lineOf(String source, int at) {
        int line = 1;
        for (int i = 0; i < at && i < source.length(); i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }

    private static int columnOf(String source, int at) {
        int end = Math.min(at, source.length());
        return end - source.lastIndexOf('\n', end - 1);
    }

    /** What is wrong, without the place. */
    public String reason() {
        return reason;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** From 1, in UTF-16 code units. */
    public int column() {
        return column;
    }

    /** Whether the template itself refused its input with {@code raise_exception}. */
    public boolean raised() {
        return raised;
    }
}
