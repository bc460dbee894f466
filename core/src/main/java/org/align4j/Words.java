package org.align4j;

import java.util.Locale;

/** Numbers in sentences. */
public final class Words {
    private Words() {}

    /** {@code 1 row}, {@code 2,000 rows}: a number and what it counts. */
    public static String count(long number, String one) {
        return count(number, one, one + "s");
    }

    /** The same of what has a plural of its own. */
    public static String count(long number, String one, String several) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : several);
    }
}
