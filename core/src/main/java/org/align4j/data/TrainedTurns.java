package org.align4j.data;

/** Which parts of a conversation's completion are trained on. */
public enum TrainedTurns {
    /** All of it, whoever wrote it. */
    ALL,
    /** What the assistant wrote. */
    ASSISTANT,
    /** What the assistant wrote last. */
    LAST_ASSISTANT
}
