/**
 * The GGUF format of llama.cpp: files with everything that running a model takes, weights in blocks of a few bits.
 *
 * <p>Read in this order: {@link org.align4j.gguf.GgufHeader} (the format and everything that can be wrong with it),
 * {@link org.align4j.gguf.GgufType} (the blocks), {@link org.align4j.gguf.GgufFamily} (what llama.cpp renames and
 * reorders), {@link org.align4j.gguf.GgufFolder} (the Hugging Face folder that a file stands for),
 * {@link org.align4j.gguf.GgufKeys} and
 * {@link org.align4j.gguf.GgufVocabulary} (the way back).
 */
package org.align4j.gguf;
