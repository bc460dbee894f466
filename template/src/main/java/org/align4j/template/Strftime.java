package org.align4j.template;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime} of the C locale, with glibc's {@code -}, {@code _} and {@code 0} before a letter. */
final class Strftime {
    private Strftime() {}

    static String format(String format, LocalDateTime time) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c != '%' || at == format.length()) {
                out.append(c);
                continue;
            }
            char padding = 0;
            if ("-_0".indexOf(format.charAt(at)) >= 0 && at + 1 < format.length()) {
                padding = format.charAt(at++);
            }
            char letter = format.charAt(at++);
            String text = one(letter, time, padding);
            out.append(text == null ? "%" + (padding == 0 ? "" : padding) + letter : text);
        }
        return out.toString();
    }

    private static String one(char letter, LocalDateTime time, char padding) {
        int hour12 = time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
        int sunday = time.getDayOfWeek().getValue() % 7;
        int year = time.getYear();
        return switch (letter) {
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
            case 'C' -> number(year / 100, 2, '0', padding);
            case 'd' -> number(time.getDayOfMonth(), 2, '0', padding);
            case 'D', 'x' -> format("%m/%d/%y", time);
            case 'e' -> number(time.getDayOfMonth(), 2, ' ', padding);
            case 'f' -> number(time.getNano() / 1000, 6, '0', (char) 0);
            case 'F' -> format("%Y-%m-%d", time);
            case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0', padding);
            case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 4, '0', padding);
            case 'H' -> number(time.getHour(), 2, '0', padding);
            case 'I' -> number(hour12, 2, '0', padding);
            case 'j' -> number(time.getDayOfYear(), 3, '0', padding);
            case 'k' -> number(time.getHour(), 2, ' ', padding);
            case 'l' -> number(hour12, 2, ' ', padding);
            case 'm' -> number(time.getMonthValue(), 2, '0', padding);
            case 'M' -> number(time.getMinute(), 2, '0', padding);
            case 'n' -> "\n";
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'r' -> format("%I:%M:%S %p", time);
            case 'R' -> format("%H:%M", time);
            case 'S' -> number(time.getSecond(), 2, '0', padding);
            case 't' -> "\t";
            case 'T', 'X' -> format("%H:%M:%S", time);
            case 'u' -> number(time.getDayOfWeek().getValue(), 1, '0', padding);
            case 'U' -> number((time.getDayOfYear() + 6 - sunday) / 7, 2, '0', padding);
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0', padding);
            case 'w' -> number(sunday, 1, '0', padding);
            case 'W' -> number((time.getDayOfYear() + 6 - (sunday + 6) % 7) / 7, 2, '0', padding);
            case 'y' -> number(time.get(ChronoField.YEAR_OF_ERA) % 100, 2, '0', padding);
            case 'Y' -> number(year, 1, '0', padding);
            case 'z', 'Z' -> ""; // the time has no zone, as in transformers
            case '%' -> "%";
            default -> null;
        };
    }

    private static String number(int value, int width, char usual, char padding) {
        String digits = Integer.toString(value);
        char fill = padding == '_' ? ' ' : padding == '0' ? '0' : usual;
        return padding == '-' ? digits : String.valueOf(fill).repeat(Math.max(0, width - digits.length())) + digits;
    }
}
