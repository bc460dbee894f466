package org.align4j.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.model.CausalLm;
import org.align4j.model.SplitLayers;
import org.align4j.tensor.Crew;
import org.align4j.tensor.Libtorch;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.SideBySide;
import org.align4j.tensor.SplitLinear;
import org.align4j.tensor.StepScope;

/**
 * Samples completions. Every prompt is computed once, its completions grow together, and prompts that wait take the
 * place of completions that ended (continuous batching, Yu et al. 2022, Orca).
 *
 * <p>It keeps copies of the weights, made when it first needs them, until it is closed: where weights have changed, open
 * another.
 */
public final class Generator implements AutoCloseable {
    /** Keys and values of all that grows at a time take at most about this much memory. */
    private static final long CACHE_BYTES = 1L << 30;

    /**
     * New tokens from which copies of the weights in a better order pay. They take the time of about thirty, once: later
     * calls find them.
     */
    private static final int WORTH_PACKING = 32;

    /** Weights of more bytes are not copied. */
    private static final long MOST_PACKED = 4L << 30;

    /** Sequences × hidden size from which a decoder of its own pays, where the threads of one share its products. */
    private static final int WORTH_A_DECODER = 1 << 16;

    /** Where products are too small to be shared. */
    private static final int WORTH_A_LONELY_DECODER = 1 << 11;

    /** Hears every token as it is drawn. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param prompt index in the list of prompts
         * @param completion number among those of the prompt
         */
        void drawn(int prompt, int completion, int token);
    }

    private final CausalLm model;
    private final Stop stop;
    private final long tokenBudget;
    private final SplitLayers plain;
    private final SplitLayers packed;

    public Generator(CausalLm model, Set<Integer> stopTokens) {
        this(model, Stop.at(stopTokens));
    }

    public Generator(CausalLm model, Stop stop) {
        this(model, stop, CACHE_BYTES / bytesPerToken(model));
    }

    /** @param tokenBudget tokens that the caches may hold; the completions of a prompt in one cache run together */
    public Generator(CausalLm model, Stop stop, long tokenBudget) {
        this.model = model;
        this.stop = stop;
        this.tokenBudget = tokenBudget;
        this.plain = new SplitLayers(model, Libtorch.threads(), false);
        this.packed = new SplitLayers(model, Libtorch.threads(), true);
    }

    private static long bytesPerToken(CausalLm model) {
        var dimensions = model.architecture().dimensions();
        long elements = 2L * dimensions.layers() * dimensions.kvHeads() * dimensions.headWidth();
        return elements * Float.BYTES;
    }

    /**
     * Completes every prompt.
     *
     * @param prompts token ids, none empty
     * @return for each prompt its completions
     */
    public List<List<Completion>> generate(List<int[]> prompts, Sampling sampling) {
        return generate(prompts, sampling, (prompt, completion, token) -> {});
    }

    /** The same; the listener hears one token at a time, in the order of each completion. */
    public List<List<Completion>> generate(List<int[]> prompts, Sampling sampling, Listener listener) {
        Listener oneByOne = (prompt, completion, token) -> {
            synchronized (listener) {
                listener.drawn(prompt, completion, token);
            }
        };
        List<List<Sequence>> all = new ArrayList<>();
        for (int p = 0; p < prompts.size(); p++) {
            check(prompts.get(p), sampling, "prompt " + (p + 1));
            List<Sequence> completions = new ArrayList<>();
            for (int k = 0; k < sampling.completions(); k++) {
                completions.add(new Sequence(prompts.get(p), p, k, sampling, stop, oneByOne));
            }
            all.add(completions);
        }
        int threads = Libtorch.threads();
        List<List<List<Sequence>>> shares = shares(all, decoders(all.size() * sampling.completions(), threads));
        SplitLayers layers = packs(sampling.maxNewTokens()) ? packed : plain;
        List<Runnable> tasks = new ArrayList<>();
        for (List<List<Sequence>> share : shares) {
            tasks.add(() -> grow(share, sampling, tokenBudget / shares.size(), layers, threads / shares.size()));
        }
        SideBySide.run(tasks);
        List<List<Completion>> results = new ArrayList<>();
        for (List<Sequence> completions : all) {
            results.add(completions.stream().map(Sequence::result).toList());
        }
        return results;
    }

    private boolean packs(int newTokens) {
        long bytes = model.parameters().count() * model.dtype().bytes();
        return newTokens >= WORTH_PACKING && bytes <= MOST_PACKED;
    }

    /** So many that each has enough to do: an operation on less takes no less time. */
    private int decoders(int sequences, int threads) {
        long hidden = model.architecture().dimensions().hiddenSize();
        long worth = hidden * hidden < SplitLinear.WORTH_A_PIECE ? WORTH_A_LONELY_DECODER : WORTH_A_DECODER;
        return (int) Math.max(1, Math.min(threads, sequences * hidden / worth));
    }

    /**
     * Who computes what: prompts in turn to each thread, completions of few prompts to all. It depends on nothing but
     * the numbers, so that rounding, and with it what is drawn, is the same each time.
     */
    private static List<List<List<Sequence>>> shares(List<List<Sequence>> all, int threads) {
        List<List<List<Sequence>>> shares = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            shares.add(new ArrayList<>());
        }
        boolean fewPrompts = all.size() < 2 * threads;
        for (int p = 0; p < all.size(); p++) {
            List<Sequence> completions = all.get(p);
            int parts = fewPrompts ? Math.min(threads, completions.size()) : 1;
            for (int part = 0; part < parts; part++) {
                int from = completions.size() * part / parts;
                int to = completions.size() * (part + 1) / parts;
                shares.get((p + part) % threads).add(completions.subList(from, to));
            }
        }
        shares.removeIf(List::isEmpty);
        return shares;
    }

    private void grow(List<List<Sequence>> groups, Sampling sampling, long budget, SplitLayers layers, int threads) {
        Deque<List<Sequence>> waiting = new ArrayDeque<>(groups);
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                Crew crew = Crew.open(threads);
                Decoder decoder = new Decoder(model, layers, sampling, crew)) {
            while (!waiting.isEmpty() || !decoder.isIdle()) {
                admit(waiting, decoder, sampling, budget);
                decoder.step();
            }
        }
    }

    /** Lets prompts in once a quarter of the budget is free: each time, what grows is copied. */
    private static void admit(Deque<List<Sequence>> waiting, Decoder decoder, Sampling sampling, long budget) {
        long free = budget - decoder.reservedTokens();
        if (!decoder.isIdle() && free < budget / 4) {
            return;
        }
        List<List<Sequence>> admitted = new ArrayList<>();
        boolean first = decoder.isIdle();
        while (!waiting.isEmpty()) {
            long needed = KvCache.tokens(
                    waiting.peek().get(0).prompt().length, waiting.peek().size(), sampling.maxNewTokens());
            if (needed > free && !first) {
                break;
            }
            admitted.add(waiting.remove());
            free -= needed;
            first = false;
        }
        decoder.admit(admitted);
    }

    /**
     * Refuses a prompt that cannot be completed.
     *
     * @param name of it, for the message
     * @throws AlignException if it has no tokens, or if it and its completion need more positions than the model's table has
     */
    public void check(int[] prompt, Sampling sampling, Object name) {
        if (prompt.length == 0) {
            throw AlignException.usage(
                    name + ": has no tokens and this tokenizer has no token to begin a text with; give at least one"
                            + " character");
        }
        int limit = model.architecture().dimensions().maxPositions();
        if (model.architecture().boundedPositions() && prompt.length + sampling.maxNewTokens() > limit) {
            throw AlignException.usage(name + ": " + prompt.length + " tokens and max_new_tokens "
                    + sampling.maxNewTokens() + " need more than the model's " + limit
                    + " positions; shorten the prompt or lower --max-new-tokens");
        }
    }

    @Override
    public void close() {
        plain.close();
        packed.close();
    }
}
