package org.align4j.hub;

import java.util.List;

/** Which part of a dataset is meant where nobody names files. */
public enum Split {
    TRAIN("train", List.of("train", "training")),
    EVAL("test", List.of("test", "testing", "eval", "evaluation", "validation", "valid", "val", "dev")),
    /** The only one: a dataset with several is not chosen from. */
    ANY("any", List.of());

    /** For messages. */
    final String shown;

    /** Words in the names of files that tell it, as the datasets library has them. */
    final List<String> words;

    Split(String shown, List<String> words) {
        this.shown = shown;
        this.words = words;
    }
}
