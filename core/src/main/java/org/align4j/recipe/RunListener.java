package org.align4j.recipe;

import java.util.Map;

/** Hears how a run goes. All methods are called from the thread that trains. */
public interface RunListener {
    /** A fact worth a line: rows dropped, the type chosen, a checkpoint written. */
    void message(String line);

    /** Work before the first step: what, how much is done, of how much. */
    void preparing(String what, int done, int total);

    /**
     * A step is done.
     *
     * @param metrics what was written to metrics.jsonl
     */
    void step(int step, int totalSteps, Map<String, Object> metrics);

    /** Whether to stop after the present step, as after Ctrl-C. */
    boolean stopRequested();
}
