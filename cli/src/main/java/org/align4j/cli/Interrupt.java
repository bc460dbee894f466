package org.align4j.cli;

import java.io.PrintStream;
import java.lang.reflect.Proxy;

/** Ctrl-C and SIGTERM: the first asks to stop after the present step, the second ends the process at once. */
final class Interrupt {
    /** What shells expect after Ctrl-C: 128 + SIGINT. */
    static final int EXIT_CODE = 130;

    private static final int TERMINATED = 143;

    private volatile int code;

    /** An interrupt that no signal is tied to. */
    Interrupt() {}

    static Interrupt install(PrintStream out) {
        Interrupt interrupt = new Interrupt();
        interrupt.on("INT", EXIT_CODE, out);
        interrupt.on("TERM", TERMINATED, out);
        return interrupt;
    }

    /**
     * Only {@code sun.misc.Signal} hears a second Ctrl-C: a shutdown hook is called once, and the process then ends
     * whatever it is doing. The compiler warns of its name in a way that cannot be turned off, hence the reflection.
     */
    private void on(String signal, int exitCode, PrintStream out) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            received(exitCode, out);
                        }
                        return null;
                    });
            Object named = signalClass.getConstructor(String.class).newInstance(signal);
            signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, named, handler);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // Without it the signal ends the process at once, and the last checkpoint stands.
        }
    }

    private void received(int exitCode, PrintStream out) {
        if (code != 0) {
            Runtime.getRuntime().halt(exitCode);
        }
        code = exitCode;
        out.println("\nstopping after this step; once more to quit at once");
    }

    boolean requested() {
        return code != 0;
    }

    /** 0 if nobody asked to stop. */
    int exitCode() {
        return code;
    }
}
