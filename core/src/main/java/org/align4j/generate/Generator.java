package org.align4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.tensor.NoGrad;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** Samples completions: every prompt is computed once, then all completions of all prompts grow together. */
public final class Generator {
    /** Slots of the key-value cache of one batch of prompts: bounds its memory. */
    private static final long CACHE_SLOTS = 64 * 1024;

    private final CausalLm model;
    private final Set<Integer> stopTokens;

    public Generator(CausalLm model, Set<Integer> stopTokens) {
        this.model = model;
        this.stopTokens = Set.copyOf(stopTokens);
    }

    /** One completion under way. */
    private static final class Sequence {
        final int prompt;
        final int promptLength;
        final Sampler sampler;
        final int[] tokens;
        int length;
        double logp;
        Completion.Finish finish;

        Sequence(int prompt, int[] promptTokens, int number, Sampling sampling) {
            this.prompt = prompt;
            this.promptLength = promptTokens.length;
            this.sampler = new Sampler(sampling, promptTokens, number);
            this.tokens = new int[sampling.maxNewTokens()];
        }

        Completion result() {
            return new Completion(Arrays.copyOf(tokens, length), logp, finish);
        }
    }

    /**
     * Completes every prompt.
     *
     * @param prompts token ids, none empty
     * @return for each prompt its completions
     */
    public List<List<Completion>> generate(List<int[]> prompts, Sampling sampling) {
        List<List<Completion>> results = new ArrayList<>();
        int from = 0;
        while (from < prompts.size()) {
            int to = from;
            int longest = 0;
            while (to < prompts.size()) {
                longest = Math.max(longest, prompts.get(to).length);
                long slots = (long) (longest + sampling.maxNewTokens()) * sampling.completions() * (to - from + 1);
                if (to > from && slots > CACHE_SLOTS) {
                    break;
                }
                to++;
            }
            results.addAll(generateTogether(prompts.subList(from, to), sampling));
            from = to;
        }
        return results;
    }

    private List<List<Completion>> generateTogether(List<int[]> prompts, Sampling sampling) {
        List<Sequence> all = new ArrayList<>();
        List<TokenTree> trees = new ArrayList<>();
        int longest = 0;
        for (int p = 0; p < prompts.size(); p++) {
            int[] prompt = prompts.get(p);
            checkLength(prompt, sampling);
            longest = Math.max(longest, prompt.length);
            trees.add(new TokenTree(new int[0], List.of(new TokenTree.Branch(prompt, 0)), p));
            for (int k = 0; k < sampling.completions(); k++) {
                all.add(new Sequence(p, prompt, k, sampling));
            }
        }
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open()) {
            int[] lengths = new int[all.size()];
            for (int s = 0; s < lengths.length; s++) {
                lengths[s] = all.get(s).promptLength;
            }
            Architecture.Dimensions dimensions = model.architecture().dimensions();
            KvCache cache = new KvCache(dimensions, model.dtype(), lengths, longest + sampling.maxNewTokens());
            List<Sequence> active = prefill(PackedBatch.of(trees), cache, all, sampling);
            while (!active.isEmpty()) {
                active = decode(active, cache, sampling);
            }
        }
        List<List<Completion>> results = new ArrayList<>();
        for (int p = 0; p < prompts.size(); p++) {
            List<Completion> completions = new ArrayList<>();
            for (int k = 0; k < sampling.completions(); k++) {
                completions.add(all.get(p * sampling.completions() + k).result());
            }
            results.add(completions);
        }
        return results;
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

    private List<Sequence> prefill(PackedBatch batch, KvCache cache, List<Sequence> all, Sampling sampling) {
        try (StepScope scope = StepScope.open()) {
            Tensor hidden = model.hidden(
                    Tensor.of(batch.tokens()),
                    Tensor.of(batch.positions()),
                    cache.prefill(batch, sampling.completions()));
            int[] lastTokens = new int[batch.trees().size()];
            for (int p = 0; p < lastTokens.length; p++) {
                lastTokens[p] = batch.segments().get(2 * p + 1).end() - 1;
            }
            float[][] logps = logps(hidden.indexSelect(0, Tensor.of(lastTokens)));
            for (Sequence sequence : all) {
                take(sequence, logps[sequence.prompt]);
            }
        }
        return dropFinished(all, cache);
    }

    private List<Sequence> decode(List<Sequence> active, KvCache cache, Sampling sampling) {
        try (StepScope scope = StepScope.open()) {
            int[] last = new int[active.size()];
            int[] positions = new int[active.size()];
            for (int s = 0; s < last.length; s++) {
                Sequence sequence = active.get(s);
                // One that ended goes along, unread, until the cache is shrunk.
                int latest = Math.max(0, sequence.length - 1);
                last[s] = sequence.tokens[latest];
                positions[s] = sequence.promptLength + latest;
            }
            float[][] logps = logps(model.hidden(Tensor.of(last), Tensor.of(positions), cache.next()));
            for (int s = 0; s < last.length; s++) {
                if (active.get(s).finish == null) {
                    take(active.get(s), logps[s]);
                }
            }
        }
        return dropFinished(active, cache);
    }

    /** Log-probabilities of the next token for each row of hidden states. */
    private float[][] logps(Tensor hidden) {
        try (StepScope scope = StepScope.open()) {
            Tensor rows = model.logits(hidden).logSoftmax();
            float[] flat = rows.toFloats();
            int vocabulary = (int) rows.size(1);
            float[][] logps = new float[(int) rows.size(0)][];
            for (int r = 0; r < logps.length; r++) {
                logps[r] = Arrays.copyOfRange(flat, r * vocabulary, (r + 1) * vocabulary);
            }
            return logps;
        }
    }

    private void take(Sequence sequence, float[] logps) {
        int token = sequence.sampler.next(logps);
        sequence.logp += logps[token];
        if (stopTokens.contains(token)) {
            sequence.finish = Completion.Finish.STOP;
            return;
        }
        sequence.tokens[sequence.length] = token;
        sequence.length++;
        if (sequence.length == sequence.tokens.length) {
            sequence.finish = Completion.Finish.LENGTH;
        }
    }

    /** The sequences still growing; the cache is shrunk once half of its sequences have ended. */
    private static List<Sequence> dropFinished(List<Sequence> active, KvCache cache) {
        List<Sequence> growing = new ArrayList<>();
        int[] places = new int[active.size()];
        for (int s = 0; s < active.size(); s++) {
            if (active.get(s).finish == null) {
                places[growing.size()] = s;
                growing.add(active.get(s));
            }
        }
        if (growing.isEmpty()) {
            return growing;
        }
        if (growing.size() > active.size() / 2) {
            return active;
        }
        cache.keep(Arrays.copyOf(places, growing.size()));
        return growing;
    }
}
