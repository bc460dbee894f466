package org.align4j.config;

/** A configuration record with checks that need all of it: {@link ConfigSchema#read} calls them. */
public interface Checked {
    void check();
}
