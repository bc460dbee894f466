package org.align4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    /** One ranking as tokens, before anything is cut or dropped. */
    private record Tokens(int[] prompt, int trunkLength, List<TokenTree.Branch> branches) {}

    /**
     * Tokenizes rankings on all processors; the result does not depend on how many there are.
     *
     * @throws AlignException if the tokenizer has no end-of-text token
     */
    public TokenizedRankings build(List<Ranking> rankings) {
        int eos = tokenizer.eosId();
        List<Tokens> tokenized =
                rankings.parallelStream().map(ranking -> tokenize(ranking, eos)).toList();

        List<TokenTree> trees = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        int promptTooLong = 0;
        int tooLong = 0;
        int indistinguishable = 0;
        int untrained = 0;
        int truncated = 0;
        int mismatches = 0;
        String mismatchExample = "";
        for (int i = 0; i < rankings.size(); i++) {
            Ranking ranking = rankings.get(i);
            Tokens tokens = tokenized.get(i);
            int room = maxLength - tokens.trunkLength();
            if (room <= 0) {
                promptTooLong++;
                continue;
            }
            if (!cuts && tokens.branches().stream().anyMatch(branch -> branch.tokens().length > room)) {
                tooLong++;
                continue;
            }
            List<TokenTree.Branch> branches = cut(tokens.branches(), room);
            if (!branches.stream().allMatch(TreeBuilder::trains)) {
                untrained++;
                continue;
            }
            indistinguishable += distinguishable(branches) ? 0 : 1;
            for (TokenTree.Branch branch : tokens.branches()) {
                truncated += branch.tokens().length > room ? 1 : 0;
            }
            if (tokens.trunkLength() < tokens.prompt().length) {
                if (mismatchExample.isEmpty()) { // a lone space may decode to nothing
                    mismatchExample = tokenizer.decode(tail(tokens.prompt(), tokens.trunkLength()), false);
                }
                mismatches++;
            }
            int[] trunk = Arrays.copyOf(tokens.prompt(), tokens.trunkLength());
            trees.add(new TokenTree(trunk, branches, trees.size()));
            sources.add(ranking.source());
            positions.add(i);
        }
        return new TokenizedRankings(
                trees,
                sources,
                positions,
                new TokenizedRankings.Report(
                        rankings.size(),
                        trees.size(),
                        promptTooLong,
                        indistinguishable,
                        untrained,
                        truncated,
                        mismatches,
                        mismatchExample,
                        maxLength,
                        tooLong));
    }

    private Tokens tokenize(Ranking ranking, int eos) {
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
        return new Tokens(prompt, trunkLength, branches);
    }

    private int[] encode(String text, boolean rendered) {
        return rendered ? tokenizer.encodeWithoutSpecialTokens(text) : tokenizer.encode(text);
    }

    private static List<TokenTree.Branch> cut(List<TokenTree.Branch> branches, int room) {
        List<TokenTree.Branch> cut = new ArrayList<>();
        for (TokenTree.Branch branch : branches) {
            cut.add(branch.tokens().length <= room ? branch : branch.first(room));
        }
        return cut;
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
        for (TokenTree.Branch a : branches) {
            for (TokenTree.Branch b : branches) {
                if (a.tier() < b.tier() && !Arrays.equals(a.tokens(), b.tokens())) {
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
