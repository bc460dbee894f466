/**
 * From files to token trees. Read in this order: {@link org.align4j.data.Ranking}, what a row says;
 * {@link org.align4j.data.RankingReader}, how it is read; {@link org.align4j.data.TokenTree}, what a model computes;
 * {@link org.align4j.data.TreeBuilder}, how the one becomes the other.
 */
package org.align4j.data;
