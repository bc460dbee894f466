package org.align4j.cli;

import java.util.Map;
import org.align4j.recipe.RunListener;

/** What the user sees of a run and can say to it: progress on standard error, and Ctrl-C. Standard output is for results. */
final class Console implements RunListener, AutoCloseable {
    private final Progress progress = Progress.onStandardError();
    private final Interrupt interrupt = Interrupt.install(progress::message);

    @Override
    public void message(String line) {
        progress.message(line);
    }

    @Override
    public void preparing(String what, int done, int total) {
        progress.preparing(what, done, total);
    }

    @Override
    public void step(int step, int totalSteps, Map<String, Object> metrics) {
        progress.step(step, totalSteps, metrics);
    }

    @Override
    public boolean stopRequested() {
        return interrupt.requested();
    }

    /** 0 if nobody asked to stop. */
    int exitCode() {
        return interrupt.exitCode();
    }

    /** Lets the live line stand as it is. */
    void finish() {
        progress.done();
    }

    @Override
    public void close() {
        progress.done();
    }
}
