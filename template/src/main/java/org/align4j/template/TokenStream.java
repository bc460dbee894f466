package org.align4j.template;

import java.util.List;
import org.align4j.template.Token.Type;

/** The tokens of a template, one of which is the current one. */
final class TokenStream {
    private final String source;
    private final List<Token> tokens;
    private int at;

    TokenStream(String source) {
        this.source = source;
        this.tokens = new Lexer(source).tokens();
    }

    Token current() {
        return tokens.get(at);
    }

    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        if (!token.is(Type.END)) {
            at++;
        }
        return token;
    }

    boolean skipName(String name) {
        boolean there = current().isName(name);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipOperator(String operator) {
        boolean there = current().isOperator(operator);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(Type type, String description) {
        if (!current().is(type)) {
            throw unexpected(description);
        }
        return next();
    }

    Token expectName() {
        return expect(Type.NAME, "a name");
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected('"' + name + '"');
        }
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected('"' + operator + '"');
        }
    }

    TemplateException unexpected(String expected) {
        return error("unexpected " + current().describe() + ", expected " + expected, current());
    }

    TemplateException error(String message, Token where) {
        return new TemplateException(message, source, where.at(), false);
    }
}
