package org.align4j.cli;

import java.util.Locale;

/** Numbers as people read them. The same on every machine, whatever its language. */
final class Numbers {
    private Numbers() {}

    /** Three decimals, or a power of ten where these would all be zero; whole numbers in groups of three digits. */
    static String text(Number value) {
        if (value instanceof Integer || value instanceof Long) {
            return String.format(Locale.ROOT, "%,d", value.longValue());
        }
        return decimal(value.doubleValue(), 3);
    }

    static String decimal(double value, int decimals) {
        boolean vanishes = value != 0 && Math.abs(value) < 0.5 * Math.pow(10, -decimals);
        String format = vanishes ? "%.1e" : "%,." + decimals + "f";
        return String.format(Locale.ROOT, format, value);
    }

    /** As {@code 0:07}, {@code 12:30} or {@code 1:02:03}. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        long hours = whole / 3600;
        long minutes = whole / 60 % 60;
        return hours > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, minutes, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", minutes, whole % 60);
    }
}
