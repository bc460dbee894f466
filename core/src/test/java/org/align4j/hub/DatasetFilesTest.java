package org.align4j.hub;

import static org.align4j.AlignException.Kind.BAD_INPUT;
import static org.align4j.AlignException.Kind.USAGE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which files of a dataset a name means. */
class DatasetFilesTest extends HubCase {
    private static final List<String> SPLIT = List.of(
            "README.md",
            ".gitattributes",
            "dataset_infos.json",
            "data/train-00000-of-00002.parquet",
            "data/train-00001-of-00002.parquet",
            "data/test-00000-of-00001.parquet");
    private static final List<String> HH = List.of(
            "harmless-base/train.jsonl.gz",
            "harmless-base/test.jsonl.gz",
            "helpful-base/train.jsonl.gz",
            "helpful-base/test.jsonl.gz");

    private static DatasetFiles.Choice choose(List<String> files, String name, Split split) {
        HubName parsed = HubName.parse(Path.of(name), RepoKind.DATASET);
        return new DatasetFiles(parsed, files, "the dataset").choose(split);
    }

    @Test
    void splitsAreToldByTheNamesOfFiles() {
        assertThat(choose(SPLIT, "hub:a/b", Split.TRAIN))
                .isEqualTo(new DatasetFiles.Choice(SPLIT.subList(3, 5), "data/train-?????-of-00002*.parquet"));
        assertThat(choose(SPLIT, "hub:a/b", Split.EVAL).path()).isEqualTo("data/test-00000-of-00001.parquet");
        assertThat(choose(List.of("rows.jsonl"), "hub:a/b", Split.TRAIN).path()).isEqualTo("rows.jsonl");
        assertThat(choose(List.of("rows.jsonl", "test.jsonl", "train.jsonl"), "hub:a/b", Split.TRAIN)
                        .path())
                .isEqualTo("train.jsonl");
        assertThat(choose(HH, "hub:a/b@v1/helpful-base", Split.EVAL).path()).isEqualTo("helpful-base/test.jsonl.gz");
    }

    @Test
    void filesAndPatternsAreNamed() {
        assertThat(choose(SPLIT, "hub:a/b/data/train-00001-of-00002.parquet", Split.EVAL)
                        .files())
                .containsExactly("data/train-00001-of-00002.parquet");
        assertThat(choose(HH, "hub:a/b@refs/pr/3/*/train.jsonl.gz", Split.TRAIN))
                .isEqualTo(new DatasetFiles.Choice(List.of(HH.get(0), HH.get(2)), "*/train.jsonl.gz"));
    }

    @Test
    void whatIsNotClearIsAsked() {
        assertRefused(
                USAGE,
                () -> choose(HH, "hub:a/b", Split.TRAIN),
                "2 tables could be meant: harmless-base/train.jsonl.gz, helpful-base/train.jsonl.gz",
                "such as 'hub:a/b/harmless-base/train.jsonl.gz'");
        assertRefused(USAGE, () -> choose(SPLIT, "hub:a/b", Split.ANY), "2 tables could be meant", "train-?????");
        assertRefused(USAGE, () -> choose(List.of("x.csv", "y.csv"), "hub:a/b", Split.TRAIN), "is for train");
        assertRefused(
                USAGE, () -> choose(List.of("test.csv"), "hub:a/b", Split.TRAIN), "holds test.csv, of which none says");
        assertRefused(
                USAGE,
                () -> choose(List.of("x.csv"), "hub:a/b", Split.EVAL),
                "holds x.csv, of which none says",
                "is for test");
        assertRefused(USAGE, () -> choose(SPLIT, "hub:a/b/data/dev.csv", Split.EVAL), "no such file", "train-00000");
        assertRefused(USAGE, () -> choose(SPLIT, "hub:a/b/*.csv", Split.EVAL), "no data file matches");
        assertRefused(USAGE, () -> choose(List.of("loader.py"), "hub:a/b", Split.TRAIN), "@refs/convert/parquet");
        List<String> ultra = List.of(
                "data/train_prefs-00000-of-00001.parquet",
                "data/train_sft-00000-of-00001.parquet",
                "data/test_prefs-00000-of-00001.parquet");
        assertRefused(USAGE, () -> choose(ultra, "hub:a/b", Split.TRAIN), "train_prefs-", "train_sft-");
    }

    @Test
    void partOfATableIsNotTakenForTheWhole() {
        List<String> torn = List.of("data/train-00000-of-00002.parquet");
        assertRefused(BAD_INPUT, () -> choose(torn, "hub:a/b", Split.TRAIN), "only 1 files are there");
        assertRefused(BAD_INPUT, () -> choose(torn, "hub:a/b/data/train-*.parquet", Split.TRAIN), "only 1 files");
    }

    @Test
    void aDatasetIsDownloadedAndFoundAgainOffline() {
        for (String file : SPLIT) {
            server.put("datasets/a/b", file, "rows of " + file);
        }
        Path train = data("hub:a/b", Split.TRAIN);
        Path snapshot = cache().resolve("datasets--a--b/snapshots/" + TinyHub.COMMIT);
        assertThat(train).isEqualTo(snapshot.resolve("data/train-?????-of-00002*.parquet"));
        assertThat(snapshot.resolve(SPLIT.get(3))).hasContent("rows of " + SPLIT.get(3));
        assertThat(snapshot.resolve(SPLIT.get(5))).doesNotExist();
        assertThat(Files.exists(snapshot.resolve("README.md"))).isFalse();
        assertThat(asked("GET", "/api/datasets/a/b/revision/main")).isEqualTo(1);
        variables.put("HF_HUB_OFFLINE", "true");
        assertThat(data("hub:a/b", Split.TRAIN)).isEqualTo(train);
        assertRefused(USAGE, () -> data("hub:a/b", Split.EVAL), "the cache holds data/train-", "is for test");
    }

    @Test
    void whatLiesInTheCacheHasAName() {
        Path cache = home.resolve("c");
        Path snapshot = cache.resolve("datasets--a--b/snapshots/" + TinyHub.COMMIT);
        assertThat(HubName.ofCached(snapshot.resolve("data/x-*.csv"), cache))
                .hasToString("Optional[hub:a/b@" + TinyHub.COMMIT + "/data/x-*.csv]");
        assertThat(HubName.ofCached(snapshot, cache)).hasToString("Optional[hub:a/b@" + TinyHub.COMMIT + "]");
        assertThat(HubName.ofCached(home.resolve("model"), cache)).isEmpty();
        assertThat(HubName.ofCached(cache.resolve("x/y/z"), cache)).isEmpty();
    }
}
