package org.align4j.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Signals by way of {@code sun.misc.Signal}, the only way Java has. By reflection, because javac warns of any direct use
 * and lets nobody turn that warning off.
 */
final class Signals {
    private Signals() {}

    /**
     * Calls the handler with the signal's number, each time in a new thread. Does nothing on a Java without such
     * signals, where they end the process as ever.
     *
     * @param name without SIG
     */
    static void handle(String name, IntConsumer handler) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object signal = signalClass.getConstructor(String.class).newInstance(name);
            int number = (int) signalClass.getMethod("getNumber").invoke(signal);
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerClass}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept(number);
                        }
                        return null;
                    });
            signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, proxy);
        } catch (ClassNotFoundException e) {
            return; // a Java image without jdk.unsupported
        } catch (InvocationTargetException e) {
            return; // this Java was told to keep its hands off signals (-Xrs)
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
