package org.align4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Collection;
import org.align4j.AlignException;

/** What a hub's refusals mean for whoever asked, on one line with what to do. */
final class HubErrors {
    private HubErrors() {}

    /**
     * An answer that trying again would not change.
     *
     * @param file in the repository; empty for the repository itself
     */
    static AlignException refused(HubName name, String file, HttpResponse<?> response, boolean hasToken) {
        int status = response.statusCode();
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        String where = file.isEmpty() ? name.toString() : name.withPath(file);
        String kind = name.kind() == RepoKind.MODEL ? "model" : "dataset";
        if (code.equals("GatedRepo")) {
            return AlignException.failure(where + ": access is gated (" + status + "); accept the terms on the page of "
                    + name.id() + " on the hub"
                    + (hasToken
                            ? " with the account of your token, and wait until access is granted"
                            : " and set HF_TOKEN to a token of that account"));
        }
        if (code.equals("RepoNotFound") || status == 401) {
            return AlignException.usage(where + ": the hub knows no such " + kind + ", or it is private (" + status
                    + "); check the name, "
                    + (hasToken
                            ? "and that the account of your token (HF_TOKEN or the file token in HF_HOME) may read it"
                            : "or set HF_TOKEN to a token that may read it"));
        }
        if (code.equals("RevisionNotFound")) {
            return AlignException.usage(where + ": " + name.id() + " has no revision " + name.revision() + " (" + status
                    + "); name a branch, a tag or a commit of it");
        }
        if (code.equals("EntryNotFound")) {
            return AlignException.usage(
                    where + ": there is no such file in this revision (" + status + "); check the path");
        }
        if (status == 403) {
            return AlignException.failure(where + ": access is refused (403)" + said(response) + "; "
                    + (hasToken
                            ? "accept the terms on the hub's page if there are any, and take a token with the right to"
                                    + " read this repository"
                            : "set HF_TOKEN to a token that may read it"));
        }
        if (status == 404) {
            return AlignException.usage(where + ": the hub knows no such "
                    + (file.isEmpty() ? kind + " or revision" : "file") + " (404); check the name and HF_ENDPOINT");
        }
        return AlignException.failure(
                where + ": the hub answers " + status + said(response) + "; check HF_ENDPOINT and try again later");
    }

    private static String said(HttpResponse<?> response) {
        return response.headers()
                .firstValue("X-Error-Message")
                .map(text -> ": " + RepoPaths.shown(text))
                .orElse("");
    }

    static AlignException unreachable(String what, IOException problem) {
        return AlignException.failure(
                what + ": not downloaded: " + Attempts.reason(problem)
                        + "; check the network and HF_ENDPOINT, then run again: it goes on where it stopped",
                problem);
    }

    static AlignException strange(String what, String found, String expected) {
        return AlignException.failure(what + ": the hub answers with " + RepoPaths.shown(found) + ", expected "
                + expected + "; check HF_ENDPOINT");
    }

    static AlignException onDisk(String what, IOException problem) {
        return AlignException.failure(
                what + ": cannot be kept in the cache (" + RepoPaths.shown(problem.toString())
                        + "); check disk and permissions, or set HF_HUB_CACHE to another folder",
                problem);
    }

    /** @param why the network is not asked, and what would change that: two clauses */
    static AlignException notCached(HubName name, String missing, HubEnvironment environment, String... why) {
        return AlignException.failure(
                name + ": " + missing + " in the cache " + environment.cache() + ", and " + why[0] + "; " + why[1]);
    }

    static AlignException noWeights(HubName name, Collection<String> files, ModelPart part) {
        String expected = part == ModelPart.ADAPTER
                ? "adapter_config.json and adapter_model.safetensors"
                : "config.json, and model.safetensors or model.safetensors.index.json";
        boolean torch = files.stream().anyMatch(file -> file.matches(".*\\.(bin|pt|pth|ckpt)"));
        boolean gguf = files.stream().anyMatch(file -> file.endsWith(".gguf"));
        String remedy = torch
                ? "its weights are PyTorch's own format: name a revision with safetensors (such as @refs/pr/1), or in"
                        + " Python load it with transformers and call save_pretrained"
                : gguf
                        ? "name the repository of the original model, or one GGUF file as " + name.withPath("FILE.gguf")
                        : "check the name";
        return AlignException.badInput(
                name + ": holds " + RepoPaths.list(files) + ", expected " + expected + "; " + remedy);
    }
}
