package org.align4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.text.EncodedText;
import org.align4j.text.Tokenizer;

/**
 * Makes token trees of rankings, by the rules of TRL 1.16's DPOTrainer, so that both train on the same tokens:
 *
 * <ul>
 *   <li>Prompt and completion are tokenized together, as the model will see them, and the prompt once more alone. The
 *       trunk is what the prompt's ids have in common with the ids of every prompt + completion; the rest of these are
 *       the branches. Where tokens merge across the boundary the trunk is shorter than the prompt.
 *   <li>A branch ends with the end-of-text token; it is added where it is missing, except after what a chat template wrote.
 *   <li>Trunk + branch is cut to {@code maxLength} from its start ({@code keep_start}).
 *   <li>Rankings whose trunk alone fills {@code maxLength} are dropped, and such with a completion of which nothing to
 *       train on is left.
 * </ul>
 *
 * A ranking whose completions of different tiers became the same tokens has no gradient. It is kept, as TRL keeps it,
 * and counted.
 */
public final class TreeBuilder {
    /** Enough for all processors to have something to do, and little beside a model. */
    private static final int CHUNK_CHARACTERS = 1 << 20;

    private final Tokenizer tokenizer;
    private final int maxLength;
    private final boolean cuts;

    /** One that cuts what is too long. */
    public TreeBuilder(Tokenizer tokenizer, int maxLength) {
        this(tokenizer, maxLength, true);
    }

    /**
     * @param maxLength the most tokens of prompt and completion together, at least 2; {@link Integer#MAX_VALUE} for no
     *     limit
     * @param cuts whether completions are cut there; else rankings with a longer one are dropped, as TRL's RewardTrainer
     *     does
     */
    public TreeBuilder(Tokenizer tokenizer, int maxLength, boolean cuts) {
        if (maxLength < 2) {
            throw AlignException.usage("max_length is " + maxLength
                    + ", expected at least 2: a token of prompt and one of completion; give a larger one");
        }
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.cuts = cuts;
    }

    /**
     * Tokenizes rankings on all processors; the result does not depend on how many there are.
     *
     * @throws AlignException if the tokenizer has no end-of-text token
     */
    public TokenizedRankings build(List<Ranking> rankings) {
        return select(tokenize(rankings, 0), IntStream.range(0, rankings.size()).toArray());
    }

    /**
     * Takes rankings one by one, and tokenizes and stores them in chunks on all processors. Call
     * {@link Filling#finish} after the last.
     *
     * @param store where to; what is beyond this builder's {@code maxLength} is left out, but for what tells that it was
     * @param objective that judges them: {@link TokenTree#objective}
     */
    public Filling fill(RowStore store, int objective) {
        return new Filling(store::addAll, objective);
    }

    /** The same where there is one objective. */
    public Filling fill(RowStore store) {
        return fill(store, 0);
    }

    /** Takes rankings one by one, and hands on the trees of a chunk of them when there are enough for all processors. */
    public Filling inChunks(Consumer<TokenizedRankings> consumer) {
        return new Filling(
                rows -> consumer.accept(
                        select(rows, IntStream.range(0, rows.size()).toArray())),
                0);
    }

    /** See {@link #fill}. */
    public final class Filling implements Consumer<Ranking> {
        private final Consumer<List<TokenizedRow>> rows;
        private final int objective;
        private final List<Ranking> chunk = new ArrayList<>();
        private long characters;

        private Filling(Consumer<List<TokenizedRow>> rows, int objective) {
            this.rows = rows;
            this.objective = objective;
        }

        @Override
        public void accept(Ranking ranking) {
            chunk.add(ranking);
            characters += ranking.prompt().length();
            for (Ranking.Completion completion : ranking.completions()) {
                characters += completion.text().length();
            }
            if (characters >= CHUNK_CHARACTERS) {
                finish();
            }
        }

        /** Hands on what is left. */
        public void finish() {
            rows.accept(tokenize(chunk, objective));
            chunk.clear();
            characters = 0;
        }
    }

    /** What became of a ranking: a row, or what it could not become one for. */
    private record Outcome(TokenizedRow row, RuntimeException problem) {}

    private List<TokenizedRow> tokenize(List<Ranking> rankings, int objective) {
        int eos = tokenizer.eosId();
        // A stream that throws leaves other threads at work, with a tokenizer that the caller then closes.
        List<Outcome> outcomes = rankings.parallelStream()
                .map(ranking -> {
                    try {
                        return new Outcome(tokenize(ranking, eos, objective).within(maxLength), null);
                    } catch (RuntimeException e) {
                        return new Outcome(null, e);
                    }
                })
                .toList();
        List<TokenizedRow> rows = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome.problem() != null) {
                throw outcome.problem();
            }
            rows.add(outcome.row());
        }
        return rows;
    }

    /**
     * Makes trees of rows: cuts what is too long, and leaves out what then cannot be used.
     *
     * @param rows tokenized by a builder of at least this one's {@code maxLength}
     * @param wanted indexes of rows, in the order of the result; an index may be there more than once
     * @return the trees, which are made when they are asked for
     */
    public TokenizedRankings select(List<TokenizedRow> rows, int[] wanted) {
        int[] kept = new int[wanted.length];
        int count = 0;
        int promptTooLong = 0;
        int tooLong = 0;
        int indistinguishable = 0;
        int untrained = 0;
        int truncated = 0;
        int mismatches = 0;
        String mismatchExample = "";
        for (int index : wanted) {
            TokenizedRow row = rows.get(index);
            int room = row.room(maxLength);
            if (room <= 0) {
                promptTooLong++;
                continue;
            }
            if (!cuts && row.branches().stream().anyMatch(branch -> branch.tokens().length > room)) {
                tooLong++;
                continue;
            }
            List<TokenTree.Branch> branches = row.cut(room);
            if (!branches.stream().allMatch(TreeBuilder::trains)) {
                untrained++;
                continue;
            }
            indistinguishable += distinguishable(branches) ? 0 : 1;
            for (TokenTree.Branch branch : row.branches()) {
                truncated += branch.tokens().length > room ? 1 : 0;
            }
            if (row.lost().length > 0) {
                if (mismatchExample.isEmpty()) { // a lone space may decode to nothing
                    mismatchExample = tokenizer.decode(row.lost(), false);
                }
                mismatches++;
            }
            kept[count++] = index;
        }
        return TokenizedRankings.of(
                rows,
                Arrays.copyOf(kept, count),
                new TokenizedRankings.Report(
                        wanted.length,
                        count,
                        promptTooLong,
                        indistinguishable,
                        untrained,
                        truncated,
                        mismatches,
                        mismatchExample,
                        maxLength,
                        tooLong));
    }

    private TokenizedRow tokenize(Ranking ranking, int eos, int objective) {
        int[] prompt = encode(ranking.prompt(), ranking.rendered());
        List<int[]> joint = new ArrayList<>();
        List<boolean[]> trained = new ArrayList<>();
        int trunkLength = prompt.length;
        for (Ranking.Completion completion : ranking.completions()) {
            String whole = ranking.rendered() ? completion.text() : ranking.prompt() + completion.text();
            int[] ids;
            if (completion.trained().isEmpty()) {
                ids = encode(whole, ranking.rendered());
                trained.add(null);
            } else {
                EncodedText encoded = tokenizer.encodeWithPlaces(whole);
                ids = encoded.ids();
                trained.add(encoded.within(completion.trained()));
            }
            joint.add(ids);
            trunkLength = Math.min(trunkLength, commonPrefix(prompt, ids));
            if (ranking.rendered() && trunkLength == ids.length) {
                throw AlignException.badInput(ranking.source()
                        + ": the chat template writes nothing for a completion, expected text after the prompt; mend the"
                        + " row or the template");
            }
        }
        List<TokenTree.Branch> branches = new ArrayList<>();
        for (int i = 0; i < joint.size(); i++) {
            int[] ids = tail(joint.get(i), trunkLength);
            boolean[] marks = trained.get(i) == null
                    ? null
                    : Arrays.copyOfRange(trained.get(i), trunkLength, trunkLength + ids.length);
            Ranking.Completion completion = ranking.completions().get(i);
            branches.add(new TokenTree.Branch(
                    ranking.rendered() ? ids : endWith(eos, ids), completion.tier(), completion.score(), marks));
        }
        return new TokenizedRow(
                Arrays.copyOf(prompt, trunkLength), tail(prompt, trunkLength), branches, ranking.source(), objective);
    }

    private int[] encode(String text, boolean rendered) {
        return rendered ? tokenizer.encodeWithoutSpecialTokens(text) : tokenizer.encode(text);
    }

    private static boolean trains(TokenTree.Branch branch) {
        for (int i = 0; i < branch.tokens().length; i++) {
            if (branch.trains(i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean distinguishable(List<TokenTree.Branch> branches) {
        if (branches.size() == 1) {
            return true; // nothing to tell it from
        }
        // Of a row in which all are tied the losses that judge ties still learn.
        boolean tied =
                branches.stream().allMatch(b -> b.tier() == branches.get(0).tier());
        for (TokenTree.Branch a : branches) {
            for (TokenTree.Branch b : branches) {
                if ((tied || a.tier() < b.tier()) && !Arrays.equals(a.tokens(), b.tokens())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int commonPrefix(int[] a, int[] b) {
        int difference = Arrays.mismatch(a, b);
        return difference < 0 ? a.length : difference;
    }

    private static int[] endWith(int eos, int[] ids) {
        if (ids.length > 0 && ids[ids.length - 1] == eos) {
            return ids;
        }
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = eos;
        return ended;
    }

    private static int[] tail(int[] ids, int from) {
        return Arrays.copyOfRange(ids, from, ids.length);
    }
}
