package org.align4j.recipe;

/** The user asked to stop before there was anything to save. */
public final class RunInterrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
