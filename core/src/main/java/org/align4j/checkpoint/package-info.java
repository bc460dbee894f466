/**
 * Model weights on disk: the safetensors format, Hugging Face model folders, and writes that are whole or not there.
 *
 * <p>Read in this order: {@link org.align4j.checkpoint.SafetensorsHeader} (the format and everything that can be wrong
 * with it), {@link org.align4j.checkpoint.SafetensorsFile}, {@link org.align4j.checkpoint.ModelFolder},
 * {@link org.align4j.checkpoint.SafetensorsWriter}, {@link org.align4j.checkpoint.AtomicFiles}.
 */
package org.align4j.checkpoint;
