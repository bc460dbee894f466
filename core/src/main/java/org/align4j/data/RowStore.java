package org.align4j.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tokenized rows in a file. */
public final class RowStore extends Stored<TokenizedRow> {
    private static final int TRAINED = 1;
    private static final int CLASSES = 2;

    private final List<String> sources = new ArrayList<>();
    private final Map<String, Integer> indexOfSource = new HashMap<>();

    private RowStore(Path folder) {
        super(folder);
    }

    /** An empty store, whose file lies in a folder. */
    public static RowStore in(Path folder) {
        return new RowStore(folder);
    }

    @Override
    ByteBuffer bytes(TokenizedRow row) {
        int bytes = 3 * Integer.BYTES + Long.BYTES + bytes(row.trunk()) + bytes(row.lost());
        for (TokenTree.Branch branch : row.branches()) {
            bytes += Integer.BYTES + Double.BYTES + 1 + bytes(branch.tokens());
            bytes += branch.trained() == null ? 0 : branch.tokens().length;
            bytes += branch.classes() == null ? 0 : branch.tokens().length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        buffer.putInt(indexOfSource.computeIfAbsent(row.source().file(), name -> {
            sources.add(name);
            return sources.size() - 1;
        }));
        buffer.putLong(row.source().line()).putInt(row.objective());
        put(buffer, row.trunk());
        put(buffer, row.lost());
        buffer.putInt(row.branches().size());
        for (TokenTree.Branch branch : row.branches()) {
            buffer.putInt(branch.tier()).putDouble(branch.score());
            put(buffer, branch.tokens());
            buffer.put((byte) ((branch.trained() == null ? 0 : TRAINED) | (branch.classes() == null ? 0 : CLASSES)));
            for (int i = 0; branch.trained() != null && i < branch.trained().length; i++) {
                buffer.put((byte) (branch.trained()[i] ? 1 : 0));
            }
            for (int i = 0; branch.classes() != null && i < branch.classes().length; i++) {
                buffer.put((byte) branch.classes()[i]);
            }
        }
        return buffer.flip();
    }

    private static int bytes(int[] tokens) {
        return Integer.BYTES * (1 + tokens.length);
    }

    private static void put(ByteBuffer buffer, int[] tokens) {
        buffer.putInt(tokens.length);
        for (int token : tokens) {
            buffer.putInt(token);
        }
    }

    @Override
    TokenizedRow row(ByteBuffer buffer) {
        Source source = new Source(sources.get(buffer.getInt()), buffer.getLong());
        int objective = buffer.getInt();
        int[] trunk = tokens(buffer);
        int[] lost = tokens(buffer);
        int branches = buffer.getInt();
        List<TokenTree.Branch> read = new ArrayList<>(branches);
        for (int b = 0; b < branches; b++) {
            int tier = buffer.getInt();
            double score = buffer.getDouble();
            int[] tokens = tokens(buffer);
            byte marks = buffer.get();
            boolean[] trained = (marks & TRAINED) == 0 ? null : new boolean[tokens.length];
            for (int i = 0; trained != null && i < trained.length; i++) {
                trained[i] = buffer.get() == 1;
            }
            int[] classes = (marks & CLASSES) == 0 ? null : new int[tokens.length];
            for (int i = 0; classes != null && i < classes.length; i++) {
                classes[i] = buffer.get();
            }
            read.add(new TokenTree.Branch(tokens, tier, score, trained, classes));
        }
        return new TokenizedRow(trunk, lost, read, source, objective);
    }

    private static int[] tokens(ByteBuffer buffer) {
        int[] tokens = new int[buffer.getInt()];
        buffer.asIntBuffer().get(tokens);
        buffer.position(buffer.position() + Integer.BYTES * tokens.length);
        return tokens;
    }
}
