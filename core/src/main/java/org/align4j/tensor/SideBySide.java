package org.align4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs tasks at the same time, each with one thread of libtorch. For work of many small operations that is faster than
 * all threads at one operation after the other: they would wait for each other at the end of each.
 */
public final class SideBySide {
    private SideBySide() {}

    /**
     * Returns when all tasks have ended. A task opens its own {@link StepScope} and {@link NoGrad}, which belong to
     * threads.
     *
     * @throws RuntimeException what a task threw, the first in their order
     */
    public static void run(List<Runnable> tasks) {
        int threads = Libtorch.threads();
        // New threads take over what was set last.
        Libtorch.setThreads(1);
        try {
            if (tasks.size() == 1) {
                // Here, not on a new thread, whose memory would be new each time.
                tasks.get(0).run();
            } else {
                runOnThreads(tasks);
            }
        } finally {
            Libtorch.setThreads(threads);
        }
    }

    private static void runOnThreads(List<Runnable> tasks) {
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Callable<Object>> calls = new ArrayList<>();
            for (Runnable task : tasks) {
                calls.add(Executors.callable(task));
            }
            for (Future<Object> ended : executor.invokeAll(calls)) {
                ended.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw (Error) e.getCause(); // a Runnable throws nothing else
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tasks ran", e);
        } finally {
            executor.shutdownNow();
        }
    }
}
