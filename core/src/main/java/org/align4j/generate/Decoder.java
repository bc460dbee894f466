package org.align4j.generate;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.Attention;
import org.align4j.model.CausalLm;
import org.align4j.model.SplitLayers;
import org.align4j.model.TreeAttention;
import org.align4j.tensor.Crew;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/** The sequences that grow now, with their cache: takes prompts in, draws a token for every row, drops what ended. */
final class Decoder implements AutoCloseable {
    /** Tokens of prompts that are computed in one forward pass. */
    private static final int PREFILL_TOKENS = 4096;
    /** Rows whose logits exist at a time. */
    private static final int ROWS_PER_SLICE = 256;

    private final CausalLm model;
    private final Crew crew;
    private final Sampling sampling;
    private List<Sequence> rows = new ArrayList<>();
    private KvCache cache; // null when there are no rows

    /** @param crew computes */
    Decoder(CausalLm model, SplitLayers layers, Sampling sampling, Crew crew) {
        this.model = model.by(crew, layers);
        this.crew = crew;
        this.sampling = sampling;
    }

    boolean isIdle() {
        return rows.isEmpty();
    }

    /** Tokens that the cache holds when all rows reach their limit. */
    long reservedTokens() {
        long reserved = 0;
        int from = 0;
        while (from < rows.size()) {
            Sequence first = rows.get(from);
            int to = from + 1;
            while (to < rows.size() && rows.get(to).promptIndex() == first.promptIndex()) {
                to++;
            }
            reserved += KvCache.tokens(first.prompt().length, to - from, sampling.maxNewTokens());
            from = to;
        }
        return reserved;
    }

    /** Computes prompts and draws the first token of each of their completions. */
    void admit(List<List<Sequence>> groups) {
        int from = 0;
        while (from < groups.size()) {
            int to = from;
            int tokens = 0;
            while (to < groups.size() && (to == from || tokens + promptOf(groups, to).length <= PREFILL_TOKENS)) {
                tokens += promptOf(groups, to).length;
                to++;
            }
            prefill(groups.subList(from, to));
            from = to;
        }
        dropEnded();
    }

    private static int[] promptOf(List<List<Sequence>> groups, int group) {
        return groups.get(group).get(0).prompt();
    }

    private void prefill(List<List<Sequence>> groups) {
        List<TokenTree> trees = new ArrayList<>();
        int[] lengths = new int[groups.size()];
        int longest = 0;
        List<Sequence> added = new ArrayList<>();
        for (int g = 0; g < lengths.length; g++) {
            int[] prompt = promptOf(groups, g);
            trees.add(new TokenTree(new int[0], List.of(new TokenTree.Branch(prompt, 0)), g));
            lengths[g] = prompt.length;
            longest = Math.max(longest, prompt.length);
            added.addAll(groups.get(g));
        }
        int[] promptOf = new int[added.size()];
        int row = 0;
        for (int g = 0; g < lengths.length; g++) {
            Arrays.fill(promptOf, row, row + groups.get(g).size(), g);
            row += groups.get(g).size();
        }
        PackedBatch batch = PackedBatch.of(trees);
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        int slots = KvCache.padded(longest);
        UnaryOperator<Tensor> keeper = StepScope.keeper();
        try (StepScope scope = StepScope.open()) {
            TreeAttention attention = new TreeAttention(batch);
            Attention recording = (layer, queries, newKeys, newValues, scoring) -> {
                keys.add(keeper.apply(stacked(newKeys, batch, slots)));
                values.add(keeper.apply(stacked(newValues, batch, slots)));
                return attention.attend(layer, queries, newKeys, newValues, scoring);
            };
            Tensor hidden = model.hidden(Tensor.of(batch.tokens()), Tensor.of(batch.positions()), recording);
            int[] lastTokens = new int[lengths.length];
            for (int g = 0; g < lengths.length; g++) {
                lastTokens[g] = batch.segments().get(2 * g + 1).end() - 1;
            }
            Tensor last = hidden.indexSelect(0, Tensor.of(lastTokens));
            draw(added, last.indexSelect(0, Tensor.of(promptOf)));
        }
        boolean share = KvCache.shares(longest, groups.get(0).size());
        KvCache fresh = KvCache.of(lengths, promptOf, keys, values, share);
        cache = cache == null ? fresh : KvCache.join(cache, fresh);
        rows.addAll(added);
    }

    /** Keys or values of packed prompts, (tokens, kvHeads, width), as (prompts, kvHeads, slots, width). */
    private static Tensor stacked(Tensor packed, PackedBatch batch, int slots) {
        int prompts = batch.trees().size();
        Tensor result = Tensor.zeros(Dtype.F32, prompts, packed.size(1), slots, packed.size(2));
        for (int p = 0; p < prompts; p++) {
            PackedBatch.Segment prompt = batch.segments().get(2 * p + 1);
            result.narrow(0, p, 1)
                    .narrow(2, 0, prompt.length())
                    .copyInPlace(
                            packed.narrow(0, prompt.start(), prompt.length()).transpose(0, 1));
        }
        return result;
    }

    /** Draws the next token of every row. */
    void step() {
        if (rows.isEmpty()) {
            return;
        }
        cache.makeRoom();
        try (StepScope scope = StepScope.open()) {
            int[] last = new int[rows.size()];
            for (int r = 0; r < last.length; r++) {
                // One that ended goes along, unread, until rows are dropped.
                last[r] = rows.get(r).lastToken();
            }
            int[] positions = cache.positions();
            draw(rows, model.hidden(Tensor.of(last), Tensor.of(positions), cache.next(crew)));
        }
        dropEnded();
    }

    /** A token for each sequence that grows, from its row of hidden states. */
    private void draw(List<Sequence> sequences, Tensor hidden) {
        for (int from = 0; from < sequences.size(); from += ROWS_PER_SLICE) {
            int to = Math.min(sequences.size(), from + ROWS_PER_SLICE);
            try (StepScope scope = StepScope.open()) {
                List<Sequence> slice = sequences.subList(from, to);
                Tensor logits = model.logits(hidden.narrow(0, from, to - from));
                crew.share(slice.size(), slice.size(), (first, count) -> {
                    try (StepScope part = StepScope.open()) {
                        draw(logits.narrow(0, first, count), slice.subList(first, first + count));
                    }
                });
            }
        }
    }

    private void draw(Tensor logits, List<Sequence> sequences) {
        Tensor penalised = sampling.repetitionPenalty() == 1 ? logits : penalised(logits, sequences);
        long[] tokens;
        Tensor logSums;
        if (sampling.isGreedy()) {
            tokens = penalised.argmax(1).toLongs();
            logSums = logits.logSumExp();
        } else {
            Tensor scaled = sampling.temperature() == 1 ? penalised : penalised.mul(1 / sampling.temperature());
            Tensor largest = scaled.maxOfRows();
            Tensor weights = scaled.sub(largest).expInPlace();
            Tensor sums = weights.sum(1);
            tokens = sampled(weights, sums.toFloats(), sequences);
            logSums = scaled == logits ? sums.log().add(largest.reshape(-1)) : logits.logSumExp();
        }
        Tensor chosen = logits.gather(1, Tensor.of(tokens, tokens.length, 1)).reshape(-1);
        float[] logps = chosen.sub(logSums).toFloats();
        for (int r = 0; r < tokens.length; r++) {
            if (!sequences.get(r).ended()) {
                sequences.get(r).take((int) tokens[r], logps[r]);
            }
        }
    }

    /** @param weights (rows, vocabulary), in proportion to the probabilities; {@code sums} of each row */
    private static long[] sampled(Tensor weights, float[] sums, List<Sequence> sequences) {
        int vocabulary = (int) weights.size(1);
        FloatBuffer all = weights.bytes(0, Math.toIntExact(4 * weights.count())).asFloatBuffer();
        long[] tokens = new long[sequences.size()];
        for (int r = 0; r < tokens.length; r++) {
            if (!sequences.get(r).ended()) {
                tokens[r] = sequences.get(r).sampler().next(all, r * vocabulary, vocabulary, sums[r]);
            }
        }
        return tokens;
    }

    /** The logits with the repetition penalty on every token that a row has. */
    private Tensor penalised(Tensor logits, List<Sequence> sequences) {
        int longest = 0;
        for (Sequence sequence : sequences) {
            longest = Math.max(longest, sequence.prompt().length + sequence.length());
        }
        long[] seen = new long[sequences.size() * longest];
        for (int r = 0; r < sequences.size(); r++) {
            Sequence sequence = sequences.get(r);
            int promptLength = sequence.prompt().length;
            for (int i = 0; i < longest; i++) {
                int own = i - promptLength;
                // Past its end a row repeats its first token, which changes nothing.
                seen[r * longest + i] = i < promptLength
                        ? sequence.prompt()[i]
                        : own < sequence.length() ? sequence.token(own) : sequence.prompt()[0];
            }
        }
        Tensor index = Tensor.of(seen, sequences.size(), longest);
        Tensor before = logits.gather(1, index);
        Tensor after = before.relu()
                .mul(1 / sampling.repetitionPenalty())
                .sub(before.neg().relu().mul(sampling.repetitionPenalty()));
        return logits.scatter(1, index, after);
    }

    /** Drops the rows that ended, once they are half of all. */
    private void dropEnded() {
        int[] places = new int[rows.size()];
        List<Sequence> growing = new ArrayList<>();
        for (int r = 0; r < places.length; r++) {
            if (!rows.get(r).ended()) {
                places[growing.size()] = r;
                growing.add(rows.get(r));
            }
        }
        if (growing.isEmpty()) {
            close();
            rows = growing;
        } else if (growing.size() <= rows.size() / 2) {
            cache = cache.keep(Arrays.copyOf(places, growing.size()));
            rows = growing;
        }
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }
}
