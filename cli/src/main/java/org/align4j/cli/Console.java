package org.align4j.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import org.align4j.recipe.RunListener;

/**
 * What the user sees of a run, on standard error: one live line on a terminal, plain lines now and then otherwise.
 * Standard output is for results.
 */
final class Console implements RunListener, AutoCloseable {
    private static final double SECONDS_BETWEEN_LINES = 10;

    private final PrintStream out;
    private final boolean terminal;
    private final Interrupt interrupt;
    private String live = "";
    private String lastWhat = "";
    private long lastLine;
    private long firstStepAt;
    private int firstStep;

    Console(PrintStream out, boolean terminal, Interrupt interrupt) {
        this.out = out;
        this.terminal = terminal;
        this.interrupt = interrupt;
    }

    /** On standard error; the launcher says whether that is a terminal. */
    static Console open() {
        boolean terminal = "1".equals(System.getenv("ALIGN4J_TTY"));
        return new Console(System.err, terminal, Interrupt.install(System.err));
    }

    @Override
    public boolean stopRequested() {
        return interrupt.requested();
    }

    int exitCode() {
        return interrupt.exitCode();
    }

    @Override
    public void message(String line) {
        say(line);
    }

    /** A line that stays. */
    void say(String line) {
        clear();
        out.println(line);
        out.flush();
        if (!live.isEmpty()) {
            out.print(live);
            out.flush();
        }
    }

    @Override
    public void preparing(String what, int done, int total) {
        show("%s: %,d of %,d".formatted(what, done, total), !what.equals(lastWhat) || done == total);
        lastWhat = what;
        if (done == total) {
            finish();
        }
    }

    @Override
    public void step(int step, int totalSteps, Map<String, Object> metrics) {
        long now = System.nanoTime();
        if (firstStepAt == 0) {
            firstStepAt = now;
            firstStep = step;
        }
        String eta = step == firstStep
                ? ""
                : "  ETA " + duration((now - firstStepAt) / 1e9 / (step - firstStep) * (totalSteps - step));
        String line = String.format(
                Locale.ROOT,
                "step %d/%d  loss %.4f  accuracy %.2f  margin %.3f  %,.0f tokens/s%s",
                step,
                totalSteps,
                metrics.get("loss"),
                metrics.get("rewards/accuracies"),
                metrics.get("rewards/margins"),
                metrics.get("tokens_per_second"),
                step == totalSteps ? "" : eta);
        show(line, step == firstStep || step == totalSteps);
        lastWhat = "";
    }

    /** Seconds as 1:02:03 or 4:05. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole >= 3600
                ? "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60)
                : "%d:%02d".formatted(whole / 60, whole % 60);
    }

    private void show(String line, boolean always) {
        if (terminal) {
            live = "\r" + line + "\u001b[K";
            out.print(live);
            out.flush();
            return;
        }
        long now = System.nanoTime();
        if (always || now - lastLine > SECONDS_BETWEEN_LINES * 1e9) {
            lastLine = now;
            out.println(line);
        }
    }

    private void clear() {
        if (terminal && !live.isEmpty()) {
            out.print("\r\u001b[K");
        }
    }

    /** Lets the live line stand as it is. */
    void finish() {
        if (terminal && !live.isEmpty()) {
            out.println();
            live = "";
        }
    }

    @Override
    public void close() {
        finish();
    }
}
