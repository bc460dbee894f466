package org.align4j.hub;

import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;

/** Names of files in a repository, which are a stranger's: where they may lead, and how they are shown. */
final class RepoPaths {
    private static final int LONGEST = 200;
    private static final int MOST = 12;

    private RepoPaths() {}

    /** Whether the name stays in the folder that it is resolved against, on every system. */
    static boolean isSafe(String path) {
        if (path.isEmpty() || path.indexOf('\\') >= 0 || path.matches("(?s)[A-Za-z]:.*")) {
            return false;
        }
        for (int i = 0; i < path.length(); i++) {
            if (Character.isISOControl(path.charAt(i))) {
                return false;
            }
        }
        for (String part : path.split("/", -1)) { // an absolute path begins with an empty part
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    /** On one line, and not too long. */
    static String shown(String text) {
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        StringBuilder line = new StringBuilder();
        for (char c : cut.toCharArray()) {
            boolean breaks = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            line.append(breaks ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
        }
        return line.toString();
    }

    /** The first few, and how many more there are. */
    static String list(Collection<String> names) {
        if (names.isEmpty()) {
            return "no files";
        }
        StringBuilder line = new StringBuilder();
        Iterator<String> rest = names.iterator();
        for (int i = 0; i < MOST && rest.hasNext(); i++) {
            line.append(i == 0 ? "" : ", ").append(shown(rest.next()));
        }
        if (names.size() > MOST) {
            line.append(" and ").append(names.size() - MOST).append(" more");
        }
        return line.toString();
    }
}
