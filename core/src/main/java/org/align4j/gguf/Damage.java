package org.align4j.gguf;

import java.util.Locale;
import org.align4j.AlignException;

/** What to say of files that are not what they should be. Their names and texts may hold anything; a message is one line. */
final class Damage {
    private static final int LONGEST = 100;

    private Damage() {}

    static AlignException of(String where, String what) {
        return AlignException.badInput(
                where + ": " + what + "; the file is damaged or incomplete: download or export it again");
    }

    /** For what the format allows and this program does not. */
    static AlignException unsupported(String where, String what, String remedy) {
        return AlignException.badInput(where + ": " + what + "; " + remedy);
    }

    /** In quotes. */
    static String quoted(Object text) {
        return '"' + shown(text) + '"';
    }

    /** Control characters escaped, cut where it gets too long to read. */
    static String shown(Object text) {
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
}
