package org.align4j.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.model.CausalLm;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;

/**
 * Samples completions. Every prompt is computed once, its completions grow together, and prompts that wait take the
 * place of completions that ended (continuous batching, Yu et al. 2022, Orca).
 */
public final class Generator {
    /** Keys and values of all that grows at a time take at most about this much memory. */
    private static final long CACHE_BYTES = 1L << 30;

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

    public Generator(CausalLm model, Set<Integer> stopTokens) {
        this(model, Stop.at(stopTokens));
    }

    public Generator(CausalLm model, Stop stop) {
        this(model, stop, CACHE_BYTES / bytesPerToken(model));
    }

    /** @param tokenBudget tokens that the cache may hold; completions of one prompt always run together */
    public Generator(CausalLm model, Stop stop, long tokenBudget) {
        this.model = model;
        this.stop = stop;
        this.tokenBudget = tokenBudget;
    }

    private static long bytesPerToken(CausalLm model) {
        var dimensions = model.architecture().dimensions();
        long elements = 2L * dimensions.layers() * dimensions.kvHeads() * dimensions.headWidth();
        return elements * model.dtype().bytes();
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

    public List<List<Completion>> generate(List<int[]> prompts, Sampling sampling, Listener listener) {
        List<List<Sequence>> all = new ArrayList<>();
        Deque<List<Sequence>> waiting = new ArrayDeque<>();
        for (int p = 0; p < prompts.size(); p++) {
            checkLength(prompts.get(p), sampling);
            List<Sequence> completions = new ArrayList<>();
            for (int k = 0; k < sampling.completions(); k++) {
                completions.add(new Sequence(prompts.get(p), p, k, sampling, stop, listener));
            }
            all.add(completions);
            waiting.add(completions);
        }
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                Decoder decoder = new Decoder(model, sampling)) {
            while (!waiting.isEmpty() || !decoder.isIdle()) {
                admit(waiting, decoder, sampling);
                decoder.step();
            }
        }
        List<List<Completion>> results = new ArrayList<>();
        for (List<Sequence> completions : all) {
            results.add(completions.stream().map(Sequence::result).toList());
        }
        return results;
    }

    /** Lets prompts in once a quarter of the budget is free: each time, what grows is copied. */
    private void admit(Deque<List<Sequence>> waiting, Decoder decoder, Sampling sampling) {
        long free = tokenBudget - decoder.reservedTokens();
        if (!decoder.isIdle() && free < tokenBudget / 4) {
            return;
        }
        List<List<Sequence>> admitted = new ArrayList<>();
        boolean first = decoder.isIdle();
        while (!waiting.isEmpty()) {
            long needed =
                    waiting.peek().get(0).prompt().length + (long) sampling.completions() * sampling.maxNewTokens();
            if (needed > free && !first) {
                break;
            }
            admitted.add(waiting.remove());
            free -= needed;
            first = false;
        }
        decoder.admit(admitted);
    }

    private void checkLength(int[] prompt, Sampling sampling) {
        if (prompt.length == 0) {
            throw AlignException.usage("a prompt has no tokens and this tokenizer has no token to begin a text with;"
                    + " give at least one character");
        }
        int limit = model.architecture().dimensions().maxPositions();
        if (model.architecture().boundedPositions() && prompt.length + sampling.maxNewTokens() > limit) {
            throw AlignException.usage("a prompt of " + prompt.length + " tokens and max_new_tokens "
                    + sampling.maxNewTokens() + " need more than the model's " + limit
                    + " positions; shorten the prompt or lower --max-new-tokens");
        }
    }
}
