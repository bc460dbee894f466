package org.align4j.template;

/** Something that can be called: a macro, a global function, a method bound to its value. */
interface Callable {
    Object call(Render render, Arguments arguments);
}
