package org.align4j.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How far a run is. On a terminal one line that keeps changing; elsewhere, as in a log file, a line now and then: the
 * first, the last, and one about every ten seconds between. Steps that were evaluated are always kept.
 *
 * <p>Safe to call from several threads: a signal may have something to say while a step ends.
 */
public final class Progress {
    private static final double LIVE_SECONDS = 0.1;
    private static final double PLAIN_SECONDS = 10;

    /** Back to the first column, with lines cut at the edge: one that wrapped could not be drawn over. */
    private static final String BEGIN = "\r\u001b[?7l";

    private static final String CLEAR_REST = "\u001b[K";
    private static final String END = CLEAR_REST + "\u001b[?7h";

    /** What is counted, and since when. */
    private record Phase(String what, int first, long start) {}

    private final PrintStream err;
    private final boolean terminal;
    private final LongSupplier nanos;

    private final Set<String> seen = new HashSet<>();
    private Phase training;
    private Phase preparation;
    private String line = "";
    private boolean drawn = true;
    private boolean live;
    private long lastDrawn;

    /**
     * @param terminal whether {@code err} understands carriage returns and escape sequences
     * @param nanos a clock that only goes forward, such as {@link System#nanoTime()}
     */
    public Progress(PrintStream err, boolean terminal, LongSupplier nanos) {
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.lastDrawn = nanos.getAsLong();
    }

    /** On standard error, of which the launcher says whether it is a terminal: Java cannot tell. */
    public static Progress onStandardError() {
        boolean terminal = "1".equals(System.getenv("ALIGN4J_TTY")) && !"dumb".equals(System.getenv("TERM"));
        return new Progress(System.err, terminal, System::nanoTime);
    }

    /**
     * A step is done.
     *
     * @param metrics by the names of metrics.jsonl; those that are missing are left out
     */
    public synchronized void step(int step, int total, Map<String, Object> metrics) {
        boolean first = training == null;
        if (first) {
            training = new Phase("step", step, nanos.getAsLong());
        }
        preparation = null;
        List<String> parts = new ArrayList<>();
        parts.add("step " + step + "/" + total);
        add(parts, "loss %s", metrics.get("loss"), 3);
        add(parts, "accuracy %s", metrics.get("rewards/accuracies"), 2);
        add(parts, "margin %s", metrics.get("rewards/margins"), 2);
        add(parts, "eval loss %s", metrics.get("eval_loss"), 3);
        add(parts, "eval accuracy %s", metrics.get("eval_rewards/accuracies"), 2);
        add(parts, "%s tokens/s", metrics.get("tokens_per_second"), 0);
        addEta(parts, training, step, total);
        boolean keep = step == total || metrics.containsKey("eval_loss");
        update(String.join("  ", parts), first, keep);
    }

    /** Work that is not a step: what, how much is done, of how much. */
    public synchronized void preparing(String what, int done, int total) {
        if (preparation == null || !preparation.what().equals(what)) {
            preparation = new Phase(what, done, nanos.getAsLong());
        }
        List<String> parts = new ArrayList<>();
        parts.add(what + " " + done + "/" + total);
        addEta(parts, preparation, done, total);
        // An evaluation comes back again and again: only its first time is news.
        boolean first = seen.add(what);
        update(String.join("  ", parts), first, done == total && !terminal);
        if (done == total) {
            preparation = null;
        }
    }

    /** A line that stays. */
    public synchronized void message(String text) {
        if (live) {
            err.print("\r" + CLEAR_REST + text + "\n" + BEGIN + line + END);
        } else {
            err.print(text + "\n");
        }
        err.flush();
    }

    /** Leaves the newest state in a line of its own. Call it before anything else writes to the terminal. */
    public synchronized void done() {
        if (!drawn) {
            draw();
        }
        if (live) {
            endLine();
        }
    }

    private static void add(List<String> parts, String format, Object value, int decimals) {
        if (value instanceof Number number) {
            parts.add(format.formatted(Numbers.decimal(number.doubleValue(), decimals)));
        }
    }

    /** From the pace since the first report: what came before it was loading. */
    private void addEta(List<String> parts, Phase phase, int done, int total) {
        if (done > phase.first() && done < total) {
            double seconds = (nanos.getAsLong() - phase.start()) / 1e9;
            parts.add("ETA " + Numbers.duration(seconds / (done - phase.first()) * (total - done)));
        }
    }

    private void update(String text, boolean first, boolean keep) {
        line = text;
        drawn = false;
        double since = (nanos.getAsLong() - lastDrawn) / 1e9;
        if (first || keep || since >= (terminal ? LIVE_SECONDS : PLAIN_SECONDS)) {
            draw();
        }
        if (keep && live) {
            endLine();
        }
    }

    private void draw() {
        err.print(terminal ? BEGIN + line + END : line + "\n");
        err.flush();
        live = terminal;
        drawn = true;
        lastDrawn = nanos.getAsLong();
    }

    private void endLine() {
        err.print("\n");
        err.flush();
        live = false;
    }
}
