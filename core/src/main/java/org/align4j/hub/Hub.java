package org.align4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;

/**
 * Models and datasets by name: what is not in the cache yet is downloaded, checked and kept there.
 *
 * <p>With a hub to ask, a branch or tag is what it is there today, and one question finds that out. A commit whose files
 * are in the cache asks nothing. Without one, or offline, or where it does not answer, what is in the cache counts,
 * whether we put it there or Python did.
 */
public final class Hub {
    private final HubEnvironment environment;
    private final HubListener listener;
    private final Patience patience;

    /** What a snapshot has or can have. */
    private record Source(String commit, List<String> files, Optional<HubClient> client) {
        boolean isCached() {
            return client.isEmpty();
        }
    }

    /** Whether a snapshot has all that is wanted, as far as its own files can tell. */
    private interface Check {
        boolean isWhole(String commit);
    }

    public Hub(HubEnvironment environment, HubListener listener) {
        this(environment, listener, Patience.USUAL);
    }

    Hub(HubEnvironment environment, HubListener listener, Patience patience) {
        this.environment = environment;
        this.listener = listener;
        this.patience = patience;
    }

    /**
     * The folder of a model, in the cache; of a name that ends in {@code .gguf}, that file.
     *
     * @throws AlignException if it cannot be had, saying what to do
     */
    public Path model(HubName name, ModelPart part) {
        HubCache cache = new HubCache(name, environment);
        if (name.path().endsWith(".gguf")) {
            return file(name, cache);
        }
        Source source = source(
                name,
                cache,
                commit -> wanted(name, cache, commit, part)
                        .firstMissing(cache.snapshot(commit))
                        .isEmpty());
        ModelFiles files = new ModelFiles(source.files(), name.path(), part);
        Path snapshot = cache.snapshot(source.commit());
        if (source.isCached()) {
            String missing = files.firstMissing(snapshot);
            if (!missing.isEmpty()) {
                throw notCached(name, missing + " is not");
            }
            return snapshot.resolve(name.path());
        }
        if (!files.isModel()) {
            throw HubErrors.noWeights(name, files.names(), part);
        }
        int downloaded = bring(name, files.small(), source, cache);
        if (part != ModelPart.TOKENIZER) {
            List<String> weights = files.weights(snapshot);
            if (weights.isEmpty()) {
                throw HubErrors.noWeights(name, files.names(), part);
            }
            List<String> missing = files.missing(weights);
            if (!missing.isEmpty()) {
                throw AlignException.badInput(name + ": its index of weights names " + RepoPaths.list(missing)
                        + ", which the repository does not have; take another revision");
            }
            downloaded += bring(name, weights, source, cache);
        }
        finish(name, source, cache, downloaded);
        return snapshot.resolve(name.path());
    }

    private static ModelFiles wanted(HubName name, HubCache cache, String commit, ModelPart part) {
        return new ModelFiles(cache.files(commit), name.path(), part);
    }

    /**
     * The file of a dataset, or a pattern that means several, in the cache.
     *
     * @throws AlignException if it cannot be had, or if the name could mean several tables
     */
    public Path data(HubName name, Split split) {
        HubCache cache = new HubCache(name, environment);
        Source source = source(name, cache, commit -> !name.path().isEmpty() && cache.has(commit, name.path()));
        DatasetFiles.Choice choice =
                new DatasetFiles(name, source.files(), source.isCached() ? "the cache" : "the dataset").choose(split);
        if (!source.isCached()) {
            int downloaded = bring(name, choice.files(), source, cache);
            finish(name, source, cache, downloaded);
        }
        return cache.snapshot(source.commit()).resolve(choice.path());
    }

    private Path file(HubName name, HubCache cache) {
        Source source = source(name, cache, commit -> cache.has(commit, name.path()));
        if (!source.files().contains(name.path())) {
            throw AlignException.usage(
                    name + ": no such file, found " + RepoPaths.list(source.files()) + "; check the path");
        }
        if (!source.isCached()) {
            finish(name, source, cache, bring(name, List.of(name.path()), source, cache));
        }
        return cache.snapshot(source.commit()).resolve(name.path());
    }

    /** What the hub has, or what the cache has where the hub is not asked. */
    private Source source(HubName name, HubCache cache, Check check) {
        Optional<String> cached = cache.commitOf(name.revision());
        boolean whole = cached.isPresent() && check.isWhole(cached.get());
        if (environment.offline() || environment.endpoint().isEmpty() || HubName.isCommit(name.revision()) && whole) {
            if (cached.isEmpty()) {
                throw notCached(name, "it is not");
            }
            return new Source(cached.get(), cache.files(cached.get()), Optional.empty());
        }
        HubClient client = new HubClient(environment.endpoint().get(), environment.token(), listener);
        try {
            HubClient.Listing listing = client.list(name, whole ? patience.once() : patience);
            return new Source(listing.commit(), listing.files(), Optional.of(client));
        } catch (IOException e) {
            if (!whole) {
                throw HubErrors.unreachable(name.toString(), e);
            }
            listener.message(name + ": the hub is not reached (" + Attempts.reason(e) + "), taking commit "
                    + cached.get() + " from the cache");
            return new Source(cached.get(), cache.files(cached.get()), Optional.empty());
        }
    }

    private AlignException notCached(HubName name, String missing) {
        if (environment.offline()) {
            return HubErrors.notCached(
                    name,
                    missing,
                    environment,
                    "HF_HUB_OFFLINE forbids the network",
                    "unset it to download, or copy the cache of a machine that has it");
        }
        return HubErrors.notCached(
                name,
                missing,
                environment,
                "HF_ENDPOINT does not say where the hub is",
                "set HF_ENDPOINT to the address of the hub to download it");
    }

    /** Downloads what is not there yet, one file after the other, and says how many were not. */
    private int bring(HubName name, List<String> files, Source source, HubCache cache) {
        HubName pinned = name.at(source.commit());
        int downloaded = 0;
        for (String file : files) {
            if (!cache.has(source.commit(), file)) {
                downloaded += bring(pinned, file, source.client().orElseThrow(), cache) ? 1 : 0;
            }
        }
        return downloaded;
    }

    /** Whether it had to be downloaded: another download of it may have come first. */
    private boolean bring(HubName name, String file, HubClient client, HubCache cache) {
        HubClient.RemoteFile remote;
        try {
            remote = client.describe(name, file, patience);
        } catch (IOException e) {
            throw HubErrors.unreachable(name.withPath(file), e);
        }
        try {
            Path blob = cache.blob(remote.etag());
            Runnable waiting = () -> listener.downloading(file + ", waiting for another download of it", 0, 1);
            try (BlobLock lock = BlobLock.take(cache.lock(remote.etag()), waiting)) {
                boolean damaged = Files.exists(blob) && remote.size() >= 0 && Files.size(blob) != remote.size();
                if (damaged) {
                    listener.message(blob + ": has another size than the hub says, downloading it afresh");
                    Files.delete(blob);
                }
                boolean missing = !Files.exists(blob);
                if (missing) {
                    new BlobDownload(client, name, file, remote, blob, patience, listener).run();
                }
                cache.link(name.revision(), file, remote.etag());
                return missing;
            }
        } catch (IOException e) {
            throw HubErrors.onDisk(name.withPath(file), e);
        }
    }

    /** Only now that all is there does the cache say that this is what the revision means. */
    private void finish(HubName name, Source source, HubCache cache, int downloaded) {
        try {
            cache.remember(name.revision(), source.commit());
        } catch (IOException e) {
            if (downloaded > 0) {
                throw HubErrors.onDisk(name.toString(), e);
            } // else the cache may be one that only others write to
        }
        listener.message(name + ": commit " + source.commit().substring(0, 12)
                + (downloaded == 0
                        ? ", all in the cache"
                        : ", " + downloaded + (downloaded == 1 ? " file" : " files") + " downloaded"));
    }
}
