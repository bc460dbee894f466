package org.align4j.data;

import java.util.Locale;

/** A row that cannot be used. Never leaves the package: it becomes an error or a count, as {@link OnBadRow} says. */
final class BadRowException extends Exception {
    private static final long serialVersionUID = 1L;

    private final BadRows.Reason reason;

    /**
     * @param what found, expected, and what to do about it, in one line
     */
    BadRowException(BadRows.Reason reason, Source source, String what) {
        super(source + ": " + what);
        this.reason = reason;
    }

    BadRows.Reason reason() {
        return reason;
    }

    /** A piece of a row for a message: short, on one line, control characters escaped. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            if (i == 40) {
                return quoted.append("…\"").toString();
            }
            char c = text.charAt(i);
            if (c == '\n') {
                quoted.append("\\n");
            } else if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                quoted.append("\\u%04x".formatted((int) c).toLowerCase(Locale.ROOT));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
