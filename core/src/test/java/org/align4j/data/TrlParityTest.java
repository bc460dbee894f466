package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.align4j.text.SharedData;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.Test;

/**
 * Real data through a real tokenizer. Of each data set below every kept row was compared with what TRL 1.16's DPOTrainer
 * makes of it (its {@code _prepare_dataset}, transformers 5.23) and had the same prompt, chosen and rejected ids; the
 * hashes were taken then.
 */
class TrlParityTest {

    private static TokenizedRankings build(String file, int maxLength, long bad) {
        Path data = SharedData.require("preference/" + file);
        Rows<Ranking> rows = RankingReader.readAll(data, OnBadRow.SKIP);
        assertThat(rows.bad().total()).isEqualTo(bad);
        try (Tokenizer tokenizer = Tokenizer.load(SharedData.require("models/stories260k"))) {
            return new TreeBuilder(tokenizer, maxLength).build(rows.rows());
        }
    }

    @Test
    void ultrafeedbackHasSixBadRowsThatTrlTrainsOn() {
        TokenizedRankings result = build("ultrafeedback/train.jsonl", Integer.MAX_VALUE, 6);
        assertThat(result.report().kept()).isEqualTo(994);
        assertThat(result.report().boundaryMismatches()).isEqualTo(14);
        assertThat(result.hash()).isEqualTo("6aabaf53c5b081b5eef6ce79e4b5dde3ff707a325e033ee44d89e784b816b0cb");
    }

    @Test
    void helpfulAndHarmlessRowsWithImplicitPrompts() {
        TokenizedRankings result = build("hh-rlhf/harmless-base-2000.jsonl.gz", Integer.MAX_VALUE, 0);
        assertThat(result.report().kept()).isEqualTo(2000);
        assertThat(result.report().boundaryMismatches()).isEqualTo(24);
        assertThat(result.hash()).isEqualTo("18ec5717ead58b1e15756dd318dc951b8aaa3dcde32aad7c5619f72e083520ca");
    }

    @Test
    void helpfulAndHarmlessRowsWithinALimit() {
        TokenizedRankings result = build("hh-rlhf/harmless-base-2000.jsonl.gz", 512, 0);
        assertThat(result.report()).isEqualTo(new TokenizedRankings.Report(2000, 1675, 325, 1, 0, 389, 18, "H", 512));
        assertThat(result.hash()).isEqualTo("b7e817a091a843d330091a9aaf479d0d7e8d55887fff349ff4b7c4b38ee4b8f2");
    }
}
