package org.align4j.config;

/** What a key that names files takes from a hub: {@code hub:owner/name} instead of a path. */
public enum HubUse {
    /** Nothing: it is a path. */
    NONE,
    /** A model with its weights, or an adapter that names its base. */
    MODEL,
    /** What comes with a model but its weights. */
    TOKENIZER,
    ADAPTER,
    /** Rows of a dataset: those to train on, where its files are split. */
    TRAIN_DATA,
    /** Those to test on. */
    EVAL_DATA,
    /** Those that there are; a dataset that is split is not chosen from. */
    ANY_DATA
}
