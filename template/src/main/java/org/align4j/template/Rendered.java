package org.align4j.template;

import java.util.List;

/**
 * What a template made.
 *
 * @param text the text
 * @param generationSpans the pieces inside {@code {% generation %}} blocks, in the order in which they end; empty unless
 *     {@link RenderOptions#generationSpans()} asked for them
 */
public record Rendered(String text, List<Span> generationSpans) {}
