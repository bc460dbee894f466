package org.align4j.template;

/** Something that cannot be computed. The nearest expression or statement around it adds the place. */
final class EvalError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raised;

    EvalError(String message) {
        this(message, false);
    }

    EvalError(String message, boolean raised) {
        super(message, null, false, false);
        this.raised = raised;
    }

    TemplateException at(String source, int at) {
        return new TemplateException(getMessage(), source, at, raised);
    }
}
