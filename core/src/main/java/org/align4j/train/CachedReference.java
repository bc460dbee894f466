package org.align4j.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.checkpoint.SafetensorsFile;
import org.align4j.checkpoint.SafetensorsWriter;
import org.align4j.data.PackedBatch;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.model.TokenScores;

/**
 * Reference log-probabilities computed once and kept on disk.
 *
 * <p>They are computed in the very packing in which training will first see the examples, and that packing is part of
 * the key: floating-point sums depend on it in the last bits, and only with equal bits is the first loss exactly ln 2
 * and the first margin exactly 0. A run with other rows, weights, tokenizer, type, order or micro-batches computes anew.
 */
public final class CachedReference implements Reference {
    private static final int FORMAT = 1;
    private static final String TENSOR = "logps";

    private final RowValues valuesOfRow;
    private final boolean tokens;

    private CachedReference(RowValues valuesOfRow, boolean tokens) {
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
        int[] counts = counts(batch, tokens);
        for (int t = 0; t < counts.length; t++) {
            valuesOfRow.get(batch.trees().get(t).row(), values, at, counts[t]);
            at += counts[t];
        }
        return values;
    }

    @Override
    public void close() {
        valuesOfRow.close();
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
     * @param scratch a folder for what this run needs of it
     * @param modelKey tells weights, config, tokenizer and type from any others
     * @param batches every example once, packed as training will first see it; gone through more than once
     * @param model loads the reference, only if it is needed; it is closed here
     * @param tokens whether each token's log-probability is kept, not only the sums: much more, so a file of its own
     * @param progress told the number of finished examples; may throw to stop
     * @param warning told if the cache cannot be written
     */
    public static CachedReference of(
            Path folder,
            Path scratch,
            String modelKey,
            Iterable<PackedBatch> batches,
            boolean tokens,
            Supplier<CausalLm> model,
            IntConsumer progress,
            Consumer<String> warning) {
        Path file = folder.resolve(
                (tokens ? "reference-token-logps-" : "reference-logps-") + key(modelKey, batches) + ".safetensors");
        if (Files.exists(file)) {
            RowValues found = read(file, scratch, batches, tokens);
            if (found != null) {
                return new CachedReference(found, tokens);
            }
        }
        RowValues computed = RowValues.in(scratch);
        try (CausalLm reference = model.get()) {
            int done = 0;
            for (PackedBatch batch : batches) {
                TokenScores scores = LogProbs.score(reference, batch);
                computed.append(tokens ? wide(scores.logps()) : scores.branchSums(batch));
                computed.place(batch.trees(), counts(batch, tokens));
                done += batch.trees().size();
                progress.accept(done);
            }
        } catch (RuntimeException | Error e) {
            computed.close();
            throw e;
        }
        try {
            SafetensorsWriter.write(file, List.of(computed.asTensor(TENSOR)));
        } catch (AlignException e) {
            // They are at hand, which is enough for this run.
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

    /** Null for a damaged file: it is written anew. */
    private static RowValues read(Path file, Path scratch, Iterable<PackedBatch> batches, boolean tokens) {
        RowValues values = RowValues.in(scratch);
        try (SafetensorsFile cached = SafetensorsFile.open(file)) {
            cached.chunks(TENSOR).forEach(values::append);
            for (PackedBatch batch : batches) {
                values.place(batch.trees(), counts(batch, tokens));
            }
            if (values.allPlaced()) {
                return values;
            }
        } catch (AlignException e) {
            // As good as none.
        }
        values.close();
        return null;
    }

    private static String key(String modelKey, Iterable<PackedBatch> batches) {
        MessageDigest digest = sha256();
        digest.update((FORMAT + "\n" + modelKey + "\n").getBytes(StandardCharsets.UTF_8));
        for (PackedBatch batch : batches) {
            digest.update((byte) 'b');
            for (PackedBatch.Segment segment : batch.segments()) {
                ByteBuffer bytes = ByteBuffer.allocate(1 + Integer.BYTES * segment.length());
                bytes.put((byte) (segment.parent() < 0 ? 't' : 'c'));
                bytes.asIntBuffer().put(batch.tokens(), segment.start(), segment.length());
                digest.update(bytes.array());
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
