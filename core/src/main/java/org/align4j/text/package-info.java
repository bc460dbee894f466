/**
 * Text and token ids. Start at {@link org.align4j.text.Tokenizer}: it reads the tokenizer of a Hugging Face model folder
 * and gives the ids that transformers gives.
 */
package org.align4j.text;
