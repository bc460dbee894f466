package org.align4j.cli;

import java.util.List;

/** One command of {@code ./align4j}. */
interface Command {
    String name();

    /** What it does, in one line of the help. */
    String summary();

    /** Runs and returns the exit code. */
    int run(List<String> args);
}
