package org.align4j.checkpoint;

import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;

/** Words for messages. Names come from damaged files, so they may hold anything; a message stays one line. */
final class OneLine {
    private static final int LONGEST = 200;
    private static final int MOST = 8;

    private OneLine() {}

    /** The text with control characters escaped, cut where it gets too long to read. */
    static String text(Object text) {
        String all = String.valueOf(text);
        String shown = all.length() > LONGEST ? all.substring(0, LONGEST) + "…" : all;
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            boolean breaksLine = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            line.append(breaksLine ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
        }
        return line.toString();
    }

    /** The name in quotes. */
    static String name(String name) {
        return '"' + text(name) + '"';
    }

    /** The first few names, and how many more there are. */
    static String names(Collection<String> names) {
        StringBuilder line = new StringBuilder();
        Iterator<String> rest = names.iterator();
        for (int i = 0; i < MOST && rest.hasNext(); i++) {
            line.append(i == 0 ? "" : ", ").append(text(rest.next()));
        }
        if (names.size() > MOST) {
            line.append(" and ").append(names.size() - MOST).append(" more");
        }
        return line.toString();
    }

    static String bytes(long count) {
        return String.format(Locale.ROOT, "%,d bytes", count);
    }
}
