package org.align4j.cli;

/** The entry point of {@code ./align4j}. */
public final class Align4j {
    private Align4j() {}

    public static void main(String[] args) {}
}
