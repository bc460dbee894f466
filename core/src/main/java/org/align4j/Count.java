package org.align4j;

import java.util.Locale;

/** Numbers of things as people read them: {@code 1 row}, {@code 1,024 rows}. */
public final class Count {
    private Count() {}

    /** @param one what there is one of; several end in s */
    public static String of(long count, String one) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : one + "s");
    }
}
