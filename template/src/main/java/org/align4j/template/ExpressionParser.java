package org.align4j.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.template.Token.Type;

/** Expressions, by recursive descent with the precedences of jinja2.parser. */
final class ExpressionParser {
    private static final int MAX_DEPTH = 100;
    static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final MacroUses uses;
    private final UnknownNames unknown;
    private int depth;

    ExpressionParser(TokenStream tokens, MacroUses uses, UnknownNames unknown) {
        this.tokens = tokens;
        this.uses = uses;
        this.unknown = unknown;
    }

    /** An expression, or several with commas between them, which are a tuple. */
    Expr tuple() {
        return tuple(true, false);
    }

    /**
     * The same, with rules for where it stands.
     *
     * @param conditional whether {@code a if b else c} may stand here
     * @param parentheses whether it may be empty
     */
    Expr tuple(boolean conditional, boolean parentheses) {
        Token first = tokens.current();
        List<Expr> elements = new ArrayList<>();
        boolean tuple = false;
        while (!isTupleEnd()) {
            elements.add(conditional ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (tuple || elements.isEmpty() && parentheses) {
            return new Expr.TupleOf(elements, first.at());
        }
        if (elements.isEmpty()) {
            throw tokens.unexpected("an expression");
        }
        return elements.get(0);
    }

    private boolean isTupleEnd() {
        Token token = tokens.current();
        return token.is(Type.VARIABLE_END) || token.is(Type.BLOCK_END) || token.isOperator(")");
    }

    Expr expression() {
        int at = tokens.current().at();
        int mark = unknown.mark();
        Expr value = or();
        while (tokens.skipName("if")) {
            Expr test = or();
            Expr otherwise = tokens.skipName("else") ? expression() : null;
            value = new Expr.Conditional(test, value, otherwise, at);
            unknown.forgive(mark);
        }
        return value;
    }

    private Expr or() {
        Expr left = and();
        while (tokens.current().isName("or")) {
            Token operator = tokens.next();
            left = new Expr.Logic(false, left, and(), operator.at());
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (tokens.current().isName("and")) {
            Token operator = tokens.next();
            left = new Expr.Logic(true, left, not(), operator.at());
        }
        return left;
    }

    private Expr not() {
        if (!tokens.current().isName("not")) {
            return compare();
        }
        Token operator = tokens.next();
        enter(operator);
        Expr negated = new Expr.Unary("not", not(), operator.at());
        depth--;
        return negated;
    }

    private Expr compare() {
        int at = tokens.current().at();
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> rest = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.is(Type.OPERATOR) && COMPARISONS.contains(token.text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (token.isName("not") && tokens.look().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            rest.add(sum());
        }
        return operators.isEmpty() ? first : new Expr.Compare(first, operators, rest, at);
    }

    private Expr sum() {
        Expr left = concat();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            Token operator = tokens.next();
            left = new Expr.Binary(operator.text(), left, concat(), operator.at());
        }
        return left;
    }

    private Expr concat() {
        int at = tokens.current().at();
        Expr first = product();
        if (!tokens.current().isOperator("~")) {
            return first;
        }
        List<Expr> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expr.Concat(parts, at);
    }

    private Expr product() {
        Expr left = power();
        while (tokens.current().is(Type.OPERATOR)
                && List.of("*", "/", "//", "%").contains(tokens.current().text())) {
            Token operator = tokens.next();
            left = new Expr.Binary(operator.text(), left, power(), operator.at());
        }
        return left;
    }

    /** {@code **} binds to the left, unlike in Python. */
    private Expr power() {
        Expr left = unary(true);
        while (tokens.current().isOperator("**")) {
            Token operator = tokens.next();
            left = new Expr.Binary("**", left, unary(true), operator.at());
        }
        return left;
    }

    private Expr unary(boolean withFilters) {
        Token token = tokens.current();
        enter(token);
        Expr value;
        if (tokens.skipOperator("-")) {
            value = new Expr.Unary("-", unary(false), token.at());
        } else if (tokens.skipOperator("+")) {
            value = new Expr.Unary("+", unary(false), token.at());
        } else {
            value = primary();
        }
        value = postfix(value);
        if (withFilters) {
            value = filters(value);
        }
        depth--;
        return value;
    }

    private void enter(Token token) {
        if (++depth > MAX_DEPTH) {
            throw tokens.error("an expression is nested more than " + MAX_DEPTH + " deep", token);
        }
    }

    private Expr primary() {
        Token token = tokens.next();
        switch (token.type()) {
            case NAME -> {
                String name = token.text();
                if (CONSTANTS.contains(name)) {
                    boolean none = name.equalsIgnoreCase("none");
                    return new Expr.Constant(none ? null : (Object) name.equalsIgnoreCase("true"), token.at());
                }
                uses.named(name);
                return new Expr.Name(name, token.at());
            }
            case NUMBER -> {
                return new Expr.Constant(token.value(), token.at());
            }
            case STRING -> {
                StringBuilder text = new StringBuilder((String) token.value());
                while (tokens.current().is(Type.STRING)) {
                    text.append(tokens.next().value());
                }
                return new Expr.Constant(text.toString(), token.at());
            }
            case OPERATOR -> {
                switch (token.text()) {
                    case "(" -> {
                        Expr inner = tuple(true, true);
                        tokens.expectOperator(")");
                        return inner;
                    }
                    case "[" -> {
                        return list(token);
                    }
                    case "{" -> {
                        return dict(token);
                    }
                    default -> {}
                }
            }
            default -> {}
        }
        throw tokens.error("unexpected " + token.describe() + ", expected an expression", token);
    }

    private Expr list(Token open) {
        List<Expr> elements = new ArrayList<>();
        while (!tokens.current().isOperator("]")) {
            elements.add(expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("]");
        return new Expr.ListOf(elements, open.at());
    }

    private Expr dict(Token open) {
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.current().isOperator("}")) {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new Expr.DictOf(keys, values, open.at());
    }

    private Expr postfix(Expr value) {
        Expr result = value;
        while (tokens.current().is(Type.OPERATOR)) {
            Token token = tokens.current();
            switch (token.text()) {
                case "." -> result = attribute(result);
                case "[" -> result = subscript(result);
                case "(" -> result = new Expr.Call(result, arguments(), token.at());
                default -> {
                    return result;
                }
            }
        }
        return result;
    }

    private Expr attribute(Expr value) {
        Token dot = tokens.next();
        Token name = tokens.next();
        if (name.is(Type.NAME)) {
            return new Expr.Attribute(value, name.text(), dot.at());
        }
        if (name.is(Type.NUMBER) && !(name.value() instanceof Double)) {
            return new Expr.Item(value, new Expr.Constant(name.value(), name.at()), dot.at());
        }
        throw tokens.error("unexpected " + name.describe() + ", expected a name or number", name);
    }

    private Expr subscript(Expr value) {
        Token open = tokens.next();
        Expr from = null;
        if (!tokens.current().isOperator(":")) {
            List<Expr> keys = new ArrayList<>();
            while (keys.isEmpty() ? !tokens.current().isOperator("]") : tokens.skipOperator(",")) {
                keys.add(expression());
            }
            from = keys.size() == 1 ? keys.get(0) : new Expr.TupleOf(keys, open.at());
        }
        if (tokens.skipOperator("]")) {
            return new Expr.Item(value, from, open.at());
        }
        tokens.expectOperator(":");
        Expr to = sliceBound();
        Expr step = tokens.skipOperator(":") ? sliceBound() : null;
        tokens.expectOperator("]");
        return new Expr.Slice(value, from, to, step, open.at());
    }

    private Expr sliceBound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]") ? null : expression();
    }

    private Expr.CallArguments arguments() {
        Token open = tokens.current();
        tokens.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        Map<String, Expr> named = new LinkedHashMap<>();
        Expr star = null;
        Expr doubleStar = null;
        while (!tokens.current().isOperator(")")) {
            boolean valid = doubleStar == null;
            if (tokens.skipOperator("*")) {
                valid &= star == null;
                star = expression();
            } else if (tokens.skipOperator("**")) {
                doubleStar = expression();
            } else if (tokens.current().is(Type.NAME) && tokens.look().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                valid &= named.put(name, expression()) == null;
            } else {
                valid &= star == null && named.isEmpty();
                positional.add(expression());
            }
            if (!valid) {
                throw tokens.error("the arguments of this call are in a wrong order or given twice", open);
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new Expr.CallArguments(positional, named, star, doubleStar);
    }

    private Expr filters(Expr value) {
        Expr result = value;
        while (true) {
            Token token = tokens.current();
            if (tokens.skipOperator("|")) {
                result = filter(result);
            } else if (token.isName("is")) {
                result = test(result);
            } else if (token.isOperator("(")) {
                result = new Expr.Call(result, arguments(), token.at());
            } else {
                return result;
            }
        }
    }

    /** What follows a bar. */
    Expr.Filtered filter(Expr value) {
        Token first = tokens.current();
        String name = dottedName();
        if (!Filters.exists(name)) {
            unknown.add("there is no filter \"" + name + '"', first);
        }
        return new Expr.Filtered(value, name, optionalArguments(), first.at());
    }

    private Expr.CallArguments optionalArguments() {
        return tokens.current().isOperator("(") ? arguments() : Expr.CallArguments.NONE;
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(tokens.expectName().text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expectName().text());
        }
        return name.toString();
    }

    private Expr test(Expr value) {
        Token is = tokens.next();
        boolean negated = tokens.skipName("not");
        Token first = tokens.current();
        String name = dottedName();
        Token next = tokens.current();
        Expr.CallArguments arguments = optionalArguments();
        if (arguments == Expr.CallArguments.NONE && beginsOperand(next)) {
            if (next.isName("is")) {
                throw tokens.error("tests cannot be chained with is", next);
            }
            enter(next);
            arguments = new Expr.CallArguments(List.of(postfix(primary())), Map.of(), null, null);
            depth--;
        }
        if (!Tests.exists(name)) {
            unknown.add("there is no test \"" + name + '"', first);
        }
        Expr test = new Expr.Tested(value, name, arguments, is.at());
        return negated ? new Expr.Unary("not", test, is.at()) : test;
    }

    private static boolean beginsOperand(Token token) {
        return switch (token.type()) {
            case NAME -> !List.of("else", "or", "and").contains(token.text());
            case STRING, NUMBER -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }
}
