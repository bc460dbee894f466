package org.align4j.cli;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Ctrl-C and a request to terminate. The first lets the present step end, so that the run can be saved; the second ends
 * the process at once.
 */
public final class Interrupt {
    /** What shells expect after Ctrl-C: 128 + SIGINT. */
    private static final int CTRL_C = 130;

    private static volatile Interrupt installed;

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
        installed = interrupt;
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

    /** The same of the newest that was installed, for a process that nothing but a signal can have stopped. */
    static int exitCodeOfProcess() {
        int code = installed == null ? 0 : installed.exitCode();
        return code == 0 ? CTRL_C : code;
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
