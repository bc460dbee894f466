package org.align4j.template;

/**
 * A token.
 *
 * @param text the name, the operator, or the text of data
 * @param value what a literal means, else null
 * @param at offset in the template
 */
record Token(Type type, String text, Object value, int at) {
    enum Type {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        NUMBER,
        OPERATOR,
        END
    }

    boolean is(Type other) {
        return type == other;
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    /** For messages. */
    String describe() {
        return switch (type) {
            case DATA -> "text";
            case VARIABLE_BEGIN -> "\"{{\"";
            case VARIABLE_END -> "\"}}\"";
            case BLOCK_BEGIN -> "\"{%\"";
            case BLOCK_END -> "\"%}\"";
            case NAME, OPERATOR -> '"' + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + '"';
            case STRING -> "a string";
            case NUMBER -> "the number " + text;
            case END -> "the end of the template";
        };
    }
}
