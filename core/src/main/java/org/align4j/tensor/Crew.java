package org.align4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * Threads that compute parts of one operation after the other. Between two of them they wait awake for a moment: to be
 * woken takes as long as a small product. Who comes first takes the next part, so a thread that the machine holds up
 * delays others by one part at most. Only the thread that opened a crew gives it work.
 */
public final class Crew implements AutoCloseable {
    private static final long AWAKE_NANOS = 200_000;
    private static final ThreadLocal<Crew> HERE = new ThreadLocal<>();

    /** One operation; {@code next} counts parts taken, {@code done} those finished. */
    private record Job(int parts, IntConsumer part, AtomicInteger next, AtomicInteger done) {}

    private static final class Helper {
        private Thread thread;
        private volatile boolean asleep;
    }

    private final List<Helper> helpers = new ArrayList<>();
    private volatile Job current;
    private volatile boolean closed;
    private volatile Throwable failure;

    private final Crew outer = HERE.get();

    private Crew() {
        HERE.set(this);
    }

    /** @param size threads that compute, the one that gives the work included */
    public static Crew open(int size) {
        Crew crew = new Crew();
        for (int i = 1; i < size; i++) {
            Helper helper = new Helper();
            helper.thread = new Thread(() -> crew.help(helper), "align4j-crew-" + i);
            helper.thread.setDaemon(true);
            crew.helpers.add(helper);
            helper.thread.start();
        }
        return crew;
    }

    /** The crew that this thread opened last, or null. */
    static Crew here() {
        return HERE.get();
    }

    /** Threads that compute. */
    public int size() {
        return helpers.size() + 1;
    }

    /**
     * Runs parts 0 … parts − 1, this thread helping, and returns when all are done. A part records nothing for a backward
     * pass and opens its own {@link StepScope}.
     *
     * @throws RuntimeException what a part threw
     */
    public void run(int parts, IntConsumer part) {
        Job job = new Job(parts, part, new AtomicInteger(), new AtomicInteger());
        if (parts > 1) {
            current = job;
            for (Helper helper : helpers) {
                if (helper.asleep) {
                    LockSupport.unpark(helper.thread);
                }
            }
        }
        work(job);
        while (job.done.get() < parts) {
            // Awake, and without the pause instruction, at which a virtual machine may give the processor away.
        }
        if (failure instanceof RuntimeException thrown) {
            throw thrown;
        }
        if (failure != null) {
            throw (Error) failure;
        }
    }

    /** Some of the things that are shared, from {@code from} on. */
    @FunctionalInterface
    public interface Range {
        void compute(int from, int count);
    }

    /** Shares {@code count} things in about equal ranges, at most one a thread and {@code most} in all, as {@link #run} does. */
    public void share(int count, long most, Range range) {
        int parts = (int) Math.max(1, Math.min(Math.min(size(), count), most));
        run(parts, p -> {
            int from = (int) ((long) count * p / parts);
            range.compute(from, (int) ((long) count * (p + 1) / parts) - from);
        });
    }

    /** The tensors of all parts, which pass to the scope that is open here. */
    public Tensor[] compute(int parts, IntFunction<Tensor> part) {
        Tensor[] results = new Tensor[parts];
        run(parts, p -> {
            try (StepScope scope = StepScope.open()) {
                results[p] = scope.disown(part.apply(p));
            }
        });
        for (Tensor result : results) {
            StepScope.adopt(result);
        }
        return results;
    }

    private void work(Job job) {
        for (int i = job.next.getAndIncrement(); i < job.parts; i = job.next.getAndIncrement()) {
            try {
                job.part.accept(i);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                job.done.getAndIncrement();
            }
        }
    }

    private void help(Helper helper) {
        Libtorch.oneThreadHere();
        try (NoGrad noGrad = NoGrad.open()) {
            Job last = null;
            while (!closed) {
                Job job = nextAfter(last, helper);
                if (job != last) {
                    work(job);
                    last = job;
                }
            }
        }
    }

    /** The next job, or the last one again after a sleep that ended without one. */
    private Job nextAfter(Job last, Helper helper) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < AWAKE_NANOS) {
            if (current != last || closed) {
                return current;
            }
        }
        // Said first, looked at again after: whoever gives work either sees the sleeper or is seen.
        helper.asleep = true;
        if (current == last && !closed) {
            LockSupport.park(this);
        }
        helper.asleep = false;
        return current;
    }

    @Override
    public void close() {
        HERE.set(outer);
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper.thread);
        }
        for (Helper helper : helpers) {
            boolean interrupted = false;
            while (helper.thread.isAlive()) {
                try {
                    helper.thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
