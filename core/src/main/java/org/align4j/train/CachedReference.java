package org.align4j.train;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelWriter;
import org.align4j.checkpoint.SafetensorsFile;
import org.align4j.checkpoint.SafetensorsWriter;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.model.TokenScores;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;

/**
 * Reference log-probabilities computed once and kept on disk.
 *
 * <p>They are computed in the very packing in which training will first see the examples, and that packing is part of
 * the key: floating-point sums depend on it in the last bits, and only with equal bits is the first loss exactly ln 2
 * and the first margin exactly 0. A run with other rows, weights, tokenizer, type, order or micro-batches computes anew.
 */
public final class CachedReference implements Reference {
    private static final int FORMAT = 1;

    private final Map<Integer, double[]> valuesOfRow;
    private final boolean tokens;

    private CachedReference(Map<Integer, double[]> valuesOfRow, boolean tokens) {
        this.valuesOfRow = valuesOfRow;
        this.tokens = tokens;
    }

    @Override
    public double[] branchSums(PackedBatch batch) {
        return tokens ? TokenScores.sums(batch, tokenLogps(batch)) : values(batch, batch.branchCount());
    }

    @Override
    public float[] tokenLogps(PackedBatch batch) {
        if (!tokens) {
            throw new IllegalStateException("only sums were asked for");
        }
        double[] values = values(batch, batch.predictionCount());
        float[] logps = new float[values.length];
        for (int i = 0; i < logps.length; i++) {
            logps[i] = (float) values[i]; // they were floats
        }
        return logps;
    }

    private double[] values(PackedBatch batch, int count) {
        double[] values = new double[count];
        int at = 0;
        for (TokenTree tree : batch.trees()) {
            double[] ofTree = valuesOfRow.get(tree.row());
            System.arraycopy(ofTree, 0, values, at, ofTree.length);
            at += ofTree.length;
        }
        return values;
    }

    /** How many values each tree of a batch has, in order. */
    private static int[] counts(PackedBatch batch, boolean tokens) {
        int[] counts = new int[batch.trees().size()];
        int branch = 0;
        for (int t = 0; t < counts.length; t++) {
            int branches = batch.trees().get(t).branches().size();
            counts[t] = tokens ? batch.branchStarts()[branch + branches] - batch.branchStarts()[branch] : branches;
            branch += branches;
        }
        return counts;
    }

    /**
     * Reads log-probabilities from the cache, or computes and writes them.
     *
     * @param folder the cache
     * @param modelKey tells weights, config, tokenizer and type from any others
     * @param batches every example once, packed as training will first see it; gone through more than once
     * @param model loads the reference, only if it is needed; it is closed here
     * @param tokens whether each token's log-probability is kept, not only the sums: much more, so a file of its own
     * @param progress told the number of finished examples; may throw to stop
     * @param warning told if the cache cannot be written
     */
    public static CachedReference of(
            Path folder,
            String modelKey,
            Iterable<PackedBatch> batches,
            boolean tokens,
            Supplier<CausalLm> model,
            IntConsumer progress,
            Consumer<String> warning) {
        Path file = folder.resolve(
                (tokens ? "reference-token-logps-" : "reference-logps-") + key(modelKey, batches) + ".safetensors");
        if (Files.exists(file)) {
            Map<Integer, double[]> found = read(file, batches, tokens);
            if (found != null) {
                return new CachedReference(found, tokens);
            }
        }
        Map<Integer, double[]> computed = new LinkedHashMap<>();
        try (CausalLm reference = model.get()) {
            for (PackedBatch batch : batches) {
                TokenScores scores = LogProbs.score(reference, batch);
                double[] values = tokens ? wide(scores.logps()) : scores.branchSums(batch);
                int at = 0;
                int[] counts = counts(batch, tokens);
                for (int t = 0; t < counts.length; t++) {
                    computed.put(batch.trees().get(t).row(), Arrays.copyOfRange(values, at, at + counts[t]));
                    at += counts[t];
                }
                progress.accept(computed.size());
            }
        }
        try {
            write(file, computed);
        } catch (AlignException e) {
            // They are in memory, which is enough for this run.
            warning.accept("reference log-probabilities are not kept for later runs: " + e.getMessage());
        }
        return new CachedReference(computed, tokens);
    }

    private static double[] wide(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static void write(Path file, Map<Integer, double[]> computed) {
        int count = 0;
        for (double[] sums : computed.values()) {
            count += sums.length;
        }
        double[] flat = new double[count];
        int at = 0;
        for (double[] sums : computed.values()) {
            System.arraycopy(sums, 0, flat, at, sums.length);
            at += sums.length;
        }
        try (StepScope scope = StepScope.open()) {
            SafetensorsWriter.write(
                    file, List.of(ModelWriter.source("logps", Tensor.of(flat, flat.length), Dtype.F64)));
        }
    }

    /** Null for a damaged file: it is written anew. */
    private static Map<Integer, double[]> read(Path file, Iterable<PackedBatch> batches, boolean tokens) {
        try (StepScope scope = StepScope.open();
                SafetensorsFile cached = SafetensorsFile.open(file)) {
            double[] flat = Tensor.ofBytes(
                            Dtype.F64,
                            cached.chunks("logps"),
                            cached.tensor("logps").shape())
                    .toDoubles();
            Map<Integer, double[]> sums = new LinkedHashMap<>();
            int at = 0;
            for (PackedBatch batch : batches) {
                int[] counts = counts(batch, tokens);
                for (int t = 0; t < counts.length; t++) {
                    double[] ofTree = new double[counts[t]];
                    System.arraycopy(flat, at, ofTree, 0, ofTree.length);
                    at += ofTree.length;
                    sums.put(batch.trees().get(t).row(), ofTree);
                }
            }
            return at == flat.length ? sums : null;
        } catch (AlignException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static String key(String modelKey, Iterable<PackedBatch> batches) {
        MessageDigest digest = sha256();
        digest.update((FORMAT + "\n" + modelKey + "\n").getBytes(StandardCharsets.UTF_8));
        for (PackedBatch batch : batches) {
            digest.update((byte) 'b');
            for (PackedBatch.Segment segment : batch.segments()) {
                digest.update((byte) (segment.parent() < 0 ? 't' : 'c'));
                for (int i = segment.start(); i < segment.end(); i++) {
                    int token = batch.tokens()[i];
                    digest.update(
                            new byte[] {(byte) (token >> 24), (byte) (token >> 16), (byte) (token >> 8), (byte) token});
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }
}
