package org.align4j.recipe;

/** How a new head starts. */
public enum HeadInit {
    ZERO,
    /** Drawn as wide as the model's own weights were. */
    NORMAL
}
