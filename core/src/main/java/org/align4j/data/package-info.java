/**
 * From files to token trees. Read in this order: {@link org.align4j.data.Example}, what a row says;
 * {@link org.align4j.data.Ranking}, what training sees of it, and {@link org.align4j.data.RankingReader}, how it gets there;
 * {@link org.align4j.data.TokenTree}, what a model computes; {@link org.align4j.data.TreeBuilder}, how the one becomes the
 * other. {@link org.align4j.data.Conversion} goes from examples back to rows.
 */
package org.align4j.data;
