package org.align4j.cli;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Ctrl-C and a request to terminate. The first lets the present step end, so that the run can be saved; the second ends
 * the process at once.
 */
public final class Interrupt {
    private final Consumer<String> print;
    private final IntConsumer exit;
    // Not a lock: a second signal must get through while the first still prints to a terminal that is held up.
    private final AtomicInteger exitCode = new AtomicInteger();

    Interrupt(Consumer<String> print, IntConsumer exit) {
        this.print = print;
        this.exit = exit;
    }

    /**
     * Listens from now on to the end of the process.
     *
     * @param print shows the line that answers the first signal; called from another thread
     */
    public static Interrupt install(Consumer<String> print) {
        // Not System.exit, which waits for hooks: whoever asks twice has waited enough.
        Interrupt interrupt = new Interrupt(print, Runtime.getRuntime()::halt);
        Signals.handle("INT", interrupt::arrived);
        Signals.handle("TERM", interrupt::arrived);
        return interrupt;
    }

    /** Whether to stop after the present step. */
    public boolean requested() {
        return exitCode.get() != 0;
    }

    /** What a process ended by the first signal exits with: 130 for INT (Ctrl-C), 143 for TERM; 0 if none arrived. */
    public int exitCode() {
        return exitCode.get();
    }

    void arrived(int signal) {
        int code = 128 + signal;
        if (exitCode.compareAndSet(0, code)) {
            print.accept("stopping after this step; once more to quit at once");
        } else {
            exit.accept(code);
        }
    }
}
