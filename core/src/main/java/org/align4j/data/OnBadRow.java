package org.align4j.data;

/** What to do with a row that cannot be used. Damage to a file as a whole is an error under either. */
public enum OnBadRow {
    /** Stop with an error that names the row. */
    FAIL,
    /** Leave it out, count it, and keep the first example of each reason. */
    SKIP
}
