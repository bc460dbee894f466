/**
 * Chat templates: the dialect of Jinja in which Hugging Face models write how a conversation becomes text. Start at
 * {@link org.align4j.template.Template}.
 *
 * <p>A template comes with a model from strangers, so it is data to be distrusted: there is no reflection, a value is
 * {@code null}, {@link java.lang.Boolean}, {@link java.lang.Long}, {@link java.math.BigInteger},
 * {@link java.lang.Double}, {@link java.lang.String}, {@link java.util.List}, {@link java.util.Map} or one of a few
 * classes of this package, nothing can be changed but namespaces, and work, text and nesting are bounded.
 */
package org.align4j.template;
