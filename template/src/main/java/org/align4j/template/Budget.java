package org.align4j.template;

import java.util.Collection;
import java.util.Map;

/** What is left of the work that one rendering may do; see {@link RenderOptions}. */
final class Budget {
    /** Nested statements, expressions and macro calls. Python gives up at about the same depth. */
    private static final int MAX_DEPTH = 500;

    /** What a call costs besides what it does: the small objects that it may leave. */
    private static final int CALL = 10;

    /** What an element of a list costs: it takes some 50 bytes, a character two. */
    private static final int ELEMENT = 8;

    private final int maxText;
    private long left;
    private int depth;

    Budget(RenderOptions options) {
        this.maxText = options.maxText();
        this.left = options.maxWork();
    }

    int maxText() {
        return maxText;
    }

    void spend(long units) {
        left -= units;
        if (left < 0) {
            throw new EvalError("the template works without end, or on too much; its bound is RenderOptions.maxWork");
        }
    }

    /** Before a text of so many characters is made. */
    void text(long characters) {
        checkLength(characters);
        spend(characters / 2);
    }

    void checkLength(long characters) {
        if (characters > maxText) {
            throw new EvalError("a text would be longer than " + maxText + " characters");
        }
    }

    /** Before a function, method or filter is called. */
    void call() {
        spend(CALL);
    }

    /** Before a list of so many elements is made. */
    void list(long elements) {
        spend(elements * ELEMENT);
    }

    /** After a value was made, or before all of it is read. */
    void size(Object value) {
        if (value instanceof String string) {
            text(string.length());
        } else if (value instanceof Collection<?> collection) {
            list(collection.size());
        } else if (value instanceof Map<?, ?> map) {
            list(map.size());
        }
    }

    void enter() {
        spend(1);
        if (++depth > MAX_DEPTH) {
            throw new EvalError("nested more than " + MAX_DEPTH + " deep; does a macro call itself without end?");
        }
    }

    void leave() {
        depth--;
    }
}
