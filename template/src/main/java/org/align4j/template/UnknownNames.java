package org.align4j.template;

import java.util.ArrayList;
import java.util.List;

/**
 * Filters and tests that do not exist. They are an error of the template, except where they may never be reached: directly
 * in an {@code if} they are an error only when they are used, so that a template can ask whether they exist.
 */
final class UnknownNames {
    private final TokenStream tokens;
    private final List<TemplateException> errors = new ArrayList<>();

    UnknownNames(TokenStream tokens) {
        this.tokens = tokens;
    }

    void add(String message, Token where) {
        errors.add(tokens.error(message, where));
    }

    int mark() {
        return errors.size();
    }

    /** Those since the mark stand in a condition. */
    void forgive(int mark) {
        errors.subList(mark, errors.size()).clear();
    }

    /** Those since the mark do not. */
    void check(int mark) {
        if (errors.size() > mark) {
            throw errors.get(mark);
        }
    }
}
