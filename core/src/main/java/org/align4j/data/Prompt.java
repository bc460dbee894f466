package org.align4j.data;

/**
 * A prompt without completions: something to generate from.
 *
 * @param rendered whether a chat template wrote it: special tokens stand in it, and none are added
 */
public record Prompt(String text, boolean rendered, Source source) {}
