package org.align4j.template;

/** A value of ours that has attributes: a loop, a namespace, a macro. */
interface Attributes {
    /** The attribute, or {@link Arguments#MISSING}. */
    Object attribute(String name);
}
