package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.align4j.template.Span;
import org.align4j.text.TinyTokenizer;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes back from the disk is what would have stayed in memory. */
class RowStoreTest {
    @TempDir
    private Path folder;

    private Tokenizer tokenizer;
    private RowStore store;

    @BeforeEach
    void open(@TempDir Path model) {
        tokenizer = Tokenizer.load(TinyTokenizer.write(model));
        store = RowStore.in(folder);
    }

    @AfterEach
    void close() {
        tokenizer.close();
        store.close();
    }

    /** Rankings of one to three completions, with and without scores and marks, of up to 40 letters each; from two files. */
    private static List<Ranking> rankings(int count) {
        SplittableRandom random = new SplittableRandom(1);
        List<Ranking> rankings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean rendered = i % 2 == 1;
            String prompt = text(random);
            List<Ranking.Completion> completions = new ArrayList<>();
            for (int k = 0; k <= i % 3; k++) {
                String text = text(random);
                String whole = rendered ? prompt + text : text;
                double score = i % 4 == 0 ? random.nextDouble() : Double.NaN;
                List<Span> marks = rendered
                        ? List.of(new Span(prompt.length() + random.nextInt(text.length()), whole.length()))
                        : List.of();
                completions.add(new Ranking.Completion(whole, k, score, marks));
            }
            rankings.add(
                    new Ranking(prompt, completions, rendered, new Source(i < 20 ? "a" : "b", 7_000_000_000L + i)));
        }
        return rankings;
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(40); i > 0; i--) {
            text.append("abc ".charAt(random.nextInt(4)));
        }
        return text.toString();
    }

    private static List<String> show(TokenizedRankings rankings) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rankings.trees().size(); i++) {
            TokenTree tree = rankings.trees().get(i);
            StringBuilder line =
                    new StringBuilder(tree.row() + " " + rankings.sources().get(i) + " " + box(tree.trunk()));
            for (TokenTree.Branch branch : tree.branches()) {
                line.append(" | ").append(branch.tier()).append(' ').append(branch.score());
                line.append(' ').append(box(branch.tokens()));
                line.append(' ').append(java.util.Arrays.toString(branch.trained()));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static List<Integer> box(int[] values) {
        return IntStream.of(values).boxed().toList();
    }

    private int[] all() {
        return IntStream.range(0, store.size()).toArray();
    }

    @Test
    void rowsComeBackAsTheyWent() {
        List<Ranking> rankings = rankings(200);
        TreeBuilder builder = new TreeBuilder(tokenizer, 30);
        TreeBuilder.Filling filling = builder.fill(store);
        rankings.forEach(filling);
        filling.finish();
        TokenizedRankings stored = builder.select(store, all());
        TokenizedRankings inMemory = builder.build(rankings);
        assertThat(stored.report()).isEqualTo(inMemory.report());
        assertThat(stored.report().kept()).isBetween(20, 180);
        assertThat(show(stored)).isEqualTo(show(inMemory));
        assertThat(stored.hash()).isEqualTo(inMemory.hash());
    }

    @Test
    void aSmallerLimitMayBeChosenAfterwards() {
        List<Ranking> rankings = rankings(60);
        TreeBuilder.Filling filling = new TreeBuilder(tokenizer, 50).fill(store);
        rankings.forEach(filling);
        filling.finish();
        for (int limit : new int[] {50, 30, 5, 2}) {
            TreeBuilder smaller = new TreeBuilder(tokenizer, limit);
            TokenizedRankings expected = smaller.build(rankings);
            TokenizedRankings stored = smaller.select(store, all());
            assertThat(stored.report()).isEqualTo(expected.report());
            assertThat(show(stored)).isEqualTo(show(expected));
        }
    }

    @Test
    void anyRowsMayBeTakenInAnyOrder() {
        List<Ranking> rankings = rankings(6);
        TreeBuilder builder = new TreeBuilder(tokenizer, 100);
        TreeBuilder.Filling filling = builder.fill(store);
        rankings.forEach(filling);
        filling.finish();
        TokenizedRankings some = builder.select(store, new int[] {4, 2, 4});
        List<Ranking> taken = List.of(rankings.get(4), rankings.get(2), rankings.get(4));
        assertThat(show(some)).isEqualTo(show(builder.build(taken)));
        assertThat(some.positions()).containsExactly(4, 2, 4);
    }

    @Test
    void nothingIsLeftInTheFolderEvenBeforeTheEnd() throws IOException {
        try (ScratchFile file = ScratchFile.in(folder)) {
            assertThat(file.append(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isZero();
            assertThat(file.append(ByteBuffer.allocate(3 << 20).put(5, (byte) 9)))
                    .isEqualTo(3);
            assertThat(file.append(ByteBuffer.wrap(new byte[] {4}))).isEqualTo(3 + (3 << 20));
            assertThat(file.read(1, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
            assertThat(file.read(8, 1)).isEqualTo(ByteBuffer.wrap(new byte[] {9}));
            assertThat(file.read(3 + (3 << 20), 1)).isEqualTo(ByteBuffer.wrap(new byte[] {4}));
            assertThat(file.size()).isEqualTo(4 + (3 << 20));
            if (!System.getProperty("os.name").startsWith("Windows")) { // there the name goes with the handle
                assertThat(Files.list(folder)).isEmpty();
            }
        }
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void aFolderThatCannotBeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> RowStore.in(file.resolve("below")))
                .withMessageContaining(file.resolve("below") + ": no temporary file for rows can be made here");
    }
}
