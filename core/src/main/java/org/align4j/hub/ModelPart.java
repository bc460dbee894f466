package org.align4j.hub;

/** What is wanted of a model's repository. */
public enum ModelPart {
    /** All that is needed to run it; of a repository with nothing but an adapter, the adapter. */
    MODEL,
    /** The same without weights. */
    TOKENIZER,
    /** A PEFT adapter. */
    ADAPTER
}
