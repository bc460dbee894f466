package org.align4j.data;

/** A prompt without completions: something to generate from. */
public record Prompt(String text, Source source) {}
