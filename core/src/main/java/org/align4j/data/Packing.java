package org.align4j.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/**
 * Rows of one completion put together to packs of a given length, by the rules of TRL's {@code packing}. Nothing is padded
 * here anyway; what packing changes is which rows make up a step: about equally many tokens in each instead of equally
 * many rows.
 */
public final class Packing {
    /** How rows come into packs. */
    public enum Strategy {
        /** Whole rows, longest first, each into the fullest pack that has room. Rows see nothing of each other. */
        BFD,
        /** The same after rows longer than a pack were cut into several. */
        BFD_SPLIT,
        /** All rows end to end, cut wherever a pack is full: the text before a token may be that of another row. */
        WRAPPED
    }

    /** A part of a row: tokens {@code [from, to)} of prompt and completion together. */
    private record Piece(int row, int from, int to) {}

    private Packing() {}

    /**
     * Which rows share a pack: best-fit decreasing (Johnson 1974). Rows of equal length come in their order, so do packs
     * that are equally full.
     *
     * @param length tokens of a pack; no row may have more
     * @return the packs in the order in which they were begun
     */
    public static List<List<TokenTree>> bestFit(List<TokenTree> rows, int length) {
        int[] lengths = new int[rows.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = rows.get(i).packedTokens();
        }
        List<Integer> longestFirst = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            longestFirst.add(i);
        }
        longestFirst.sort(Comparator.comparingInt(i -> -lengths[i])); // stable

        List<List<Integer>> packs = new ArrayList<>();
        TreeMap<Integer, Deque<List<Integer>>> byRoom = new TreeMap<>();
        for (int row : longestFirst) {
            Integer room = byRoom.ceilingKey(lengths[row]);
            List<Integer> pack;
            if (room == null) {
                room = length;
                pack = new ArrayList<>();
                packs.add(pack);
            } else {
                Deque<List<Integer>> fitting = byRoom.get(room);
                pack = fitting.remove();
                if (fitting.isEmpty()) {
                    byRoom.remove(room);
                }
            }
            pack.add(row);
            byRoom.computeIfAbsent(room - lengths[row], left -> new ArrayDeque<>())
                    .add(pack);
        }
        return Lazily.list(
                packs.size(), pack -> packs.get(pack).stream().map(rows::get).toList());
    }

    /** Rows longer than {@code length} as several, what was prompt in them still left out of the loss. */
    public static List<TokenTree> split(List<TokenTree> rows, int length) {
        List<List<Piece>> parts = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            int tokens = rows.get(row).packedTokens();
            for (int from = 0; from < tokens; from += length) {
                parts.add(List.of(new Piece(row, from, Math.min(tokens, from + length))));
            }
        }
        return joined(rows, parts, 0);
    }

    /**
     * All rows end to end, cut every {@code length} tokens; the last part may be shorter.
     *
     * @param opening tokens that the tokenizer puts before a text: in a row without a prompt they are learned, too, as what
     *     follows the row before
     */
    public static List<TokenTree> wrapped(List<TokenTree> rows, int length, int opening) {
        List<List<Piece>> parts = new ArrayList<>();
        List<Piece> part = new ArrayList<>();
        int room = length;
        for (int row = 0; row < rows.size(); row++) {
            int tokens = rows.get(row).packedTokens();
            int from = 0;
            while (from < tokens) {
                int to = Math.min(tokens, from + room);
                part.add(new Piece(row, from, to));
                room -= to - from;
                from = to;
                if (room == 0) {
                    parts.add(part);
                    part = new ArrayList<>();
                    room = length;
                }
            }
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return joined(rows, parts, opening);
    }

    /** Each part is put together when it is asked for: rows may be more than memory holds. */
    private static List<TokenTree> joined(List<TokenTree> rows, List<List<Piece>> parts, int opening) {
        return Lazily.list(parts.size(), part -> join(rows, parts.get(part), opening));
    }

    private static TokenTree join(List<TokenTree> rows, List<Piece> pieces, int opening) {
        Piece only = pieces.get(0);
        TokenTree first = rows.get(only.row());
        if (pieces.size() == 1 && only.from() == 0 && only.to() == first.packedTokens()) {
            return first;
        }
        int length =
                pieces.stream().mapToInt(piece -> piece.to() - piece.from()).sum();
        int[] tokens = new int[length];
        boolean[] trained = new boolean[length];
        int at = 0;
        for (Piece piece : pieces) {
            TokenTree row = rows.get(piece.row());
            TokenTree.Branch branch = row.branches().get(0);
            int prompt = row.trunk().length;
            for (int i = piece.from(); i < piece.to(); i++) {
                tokens[at] = i < prompt ? row.trunk()[i] : branch.tokens()[i - prompt];
                trained[at] = i < prompt ? prompt <= opening : branch.trains(i - prompt);
                at++;
            }
        }
        return new TokenTree(new int[0], List.of(new TokenTree.Branch(tokens, 0, Double.NaN, trained)), first.row());
    }
}
