package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledReaderTest {
    @TempDir
    private Path folder;

    private List<Ranking> read(String... rows) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, String.join("\n", rows).replace('\'', '"'));
        List<Ranking> rankings = new ArrayList<>();
        LabelledReader.read(file, OnBadRow.FAIL, Chats.NONE, rankings::add);
        return rankings;
    }

    private static List<String> shown(List<Ranking> rankings) {
        List<String> shown = new ArrayList<>();
        for (Ranking each : rankings) {
            Ranking.Completion only = each.completions().get(0);
            assertThat(each.completions()).hasSize(1);
            shown.add(each.prompt() + ":" + only.text() + ":" + (only.tier() == 0 ? "good" : "bad"));
        }
        return shown;
    }

    @Test
    void ofAThousandPairsAllThatWereChosenComeFirst() throws IOException {
        String[] rows = new String[1002];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "{'prompt':'p%d','chosen':'c','rejected':'r'}".formatted(i);
        }
        List<String> shown = shown(read(rows));
        assertThat(shown).hasSize(2004);
        assertThat(shown.subList(998, 1002)).containsExactly("p998:c:good", "p999:c:good", "p0:r:bad", "p1:r:bad");
        assertThat(shown.subList(1998, 2004))
                .containsExactly(
                        "p998:r:bad", "p999:r:bad", "p1000:c:good", "p1001:c:good", "p1000:r:bad", "p1001:r:bad");
    }

    @Test
    void whatPeopleCallAcceptableIsGoodWhoeverWon() throws IOException {
        String row = "{'prompt':'p','completion_a':'a','completion_b':'b','completion_a_is_acceptable':'%s',"
                + "'completion_b_is_acceptable':'yes','preference':'%s'}";
        assertThat(shown(read(row.formatted("yes", "tie"), row.formatted("no", "b-is-better"))))
                .containsExactly("p:a:good", "p:a:bad", "p:b:good", "p:b:good");
        assertThat(shown(read("{'prompt':'p','response_a':'a','response_b':'b','winner':'model_b'}")))
                .containsExactly("p:a:bad", "p:b:good");
    }

    @Test
    void longerRankingsAndTiesHaveNoLabels() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','completions':['a','b','c'],'ranks':[1,2,3]}"))
                .withMessageContaining("there are 3 completions and no labels, expected a pair or labelled completions;"
                        + " data convert --to unpaired_preference makes such");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','response_a':'a','response_b':'b','winner':'tie'}"))
                .withMessageContaining("all completions are tied");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','chosen':'c','rejected':'c'}"))
                .withMessageContaining("`chosen` and `rejected` are the same text");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> read("{'prompt':'p','completion':'c'}"))
                .withMessageContaining("field `label` is missing");
    }
}
