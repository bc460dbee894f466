package org.align4j;

/**
 * The one exception a user may cause: its message is a single line that says what is wrong, where (file:line, tensor,
 * key), what was found, what was expected and what to do next. Programs print it as it is, without a stack trace.
 */
public final class AlignException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose fault it was, which is also what a process exits with. */
    public enum Kind {
        /** The run failed: a full disk, a loss that is not a number. */
        FAILURE(1),
        /** The call was wrong: an unknown key, a value out of range, a missing file. */
        USAGE(2),
        /** A file is not what it should be: a broken row, a damaged checkpoint. */
        BAD_INPUT(3);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    private AlignException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static AlignException failure(String message) {
        return new AlignException(Kind.FAILURE, message, null);
    }

    public static AlignException failure(String message, Throwable cause) {
        return new AlignException(Kind.FAILURE, message, cause);
    }

    public static AlignException usage(String message) {
        return new AlignException(Kind.USAGE, message, null);
    }

    public static AlignException badInput(String message) {
        return new AlignException(Kind.BAD_INPUT, message, null);
    }

    public static AlignException badInput(String message, Throwable cause) {
        return new AlignException(Kind.BAD_INPUT, message, cause);
    }

    public Kind kind() {
        return kind;
    }
}
