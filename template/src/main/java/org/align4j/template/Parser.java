package org.align4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.align4j.template.Token.Type;

/** Statements; what stands in them is read by {@link ExpressionParser}. */
final class Parser {
    private static final int MAX_DEPTH = 100;
    private static final Set<String> NOT_HERE =
            Set.of("block", "extends", "include", "import", "from", "autoescape", "print");

    private final TokenStream tokens;
    private final MacroUses uses = new MacroUses();
    private final UnknownNames unknown;
    private final ExpressionParser expressions;
    private int depth;
    /** Loops around that {@code break} can leave; none inside of a macro. */
    private int loops;
    /** Loops around, whatever stands between. */
    private int allLoops;

    Parser(String source) {
        this.tokens = new TokenStream(source);
        this.unknown = new UnknownNames(tokens);
        this.expressions = new ExpressionParser(tokens, uses, unknown);
    }

    List<Stmt> template() {
        List<Stmt> body = statements(Set.of(), null);
        unknown.check(0);
        return body;
    }

    /** Statements up to a tag with one of these names, or up to the end of the template. */
    private List<Stmt> statements(Set<String> ends, Token opened) {
        List<Stmt> body = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> body.add(new Stmt.Data(token.text(), token.at()));
                case VARIABLE_BEGIN -> {
                    Expr value = expressions.tuple();
                    tokens.expect(Type.VARIABLE_END, "\"}}\"");
                    body.add(new Stmt.Print(value, token.at()));
                }
                case BLOCK_BEGIN -> {
                    if (tokens.current().is(Type.NAME)
                            && ends.contains(tokens.current().text())) {
                        return body;
                    }
                    body.add(statement(token, ends));
                    tokens.expect(Type.BLOCK_END, "\"%}\"");
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw tokens.error(
                                "this \"" + opened.text() + "\" is never closed, expected " + names(ends), opened);
                    }
                    return body;
                }
                default -> throw new AssertionError(token);
            }
        }
    }

    private static String names(Set<String> ends) {
        return String.join(" or ", ends.stream().sorted().toList());
    }

    /** The body of a block: its own tag is closed, and what ends it is the current token. */
    private List<Stmt> body(Token opened, String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Type.BLOCK_END, "\"%}\"");
        if (++depth > MAX_DEPTH) {
            throw tokens.error("blocks are nested more than " + MAX_DEPTH + " deep", opened);
        }
        List<Stmt> body = statements(Set.of(ends), opened);
        depth--;
        return body;
    }

    /** The body of a block that only one tag ends, which is read over. */
    private List<Stmt> closedBody(Token opened, String end) {
        int mark = unknown.mark();
        List<Stmt> body = body(opened, end);
        unknown.check(mark);
        tokens.next();
        return body;
    }

    private Stmt statement(Token begin, Set<String> ends) {
        Token tag = tokens.expect(Type.NAME, "the name of a tag");
        int at = begin.at();
        return switch (tag.text()) {
            case "if" -> conditional(tag, at);
            case "for" -> loop(tag, at);
            case "set" -> set(tag, at);
            case "macro" -> new Stmt.Define(tokens.expectName().text(), definition(tag), at);
            case "call" -> callBlock(tag, at);
            case "filter" -> {
                int mark = unknown.mark();
                Expr.Filtered filter = filterChain(expressions.filter(null));
                unknown.check(mark);
                yield new Stmt.FilterBlock(filter, closedBody(tag, "endfilter"), at);
            }
            case "with" -> with(tag, at);
            case "generation" -> {
                int around = loops;
                loops = 0;
                Stmt block = new Stmt.Generation(closedBody(tag, "endgeneration"), at);
                loops = around;
                yield block;
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw tokens.error('"' + tag.text() + "\" stands outside of a loop", tag);
                }
                yield new Stmt.Leave(tag.text().equals("break") ? Stmt.Flow.BREAK : Stmt.Flow.CONTINUE, at);
            }
            default -> throw unknownTag(tag, ends);
        };
    }

    private TemplateException unknownTag(Token tag, Set<String> ends) {
        String name = '"' + tag.text() + '"';
        if (NOT_HERE.contains(tag.text())) {
            return tokens.error(name + " is not available in chat templates", tag);
        }
        return tokens.error("unknown tag " + name + (ends.isEmpty() ? "" : ", expected " + names(ends)), tag);
    }

    private Stmt conditional(Token tag, int at) {
        List<Expr> tests = new ArrayList<>();
        List<List<Stmt>> bodies = new ArrayList<>();
        int mark = unknown.mark();
        String end;
        do {
            tests.add(expressions.tuple(false, false));
            bodies.add(body(tag, "elif", "else", "endif"));
            end = tokens.next().text();
        } while (end.equals("elif"));
        List<Stmt> otherwise = List.of();
        if (end.equals("else")) {
            otherwise = body(tag, "endif");
            tokens.next();
        }
        unknown.forgive(mark);
        return new Stmt.If(tests, bodies, otherwise, at);
    }

    private Stmt loop(Token tag, int at) {
        allLoops++;
        Target target = target(false);
        allLoops--;
        tokens.expectName("in");
        Expr values = expressions.tuple(false, false);
        int mark = unknown.mark();
        Expr filter = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        int around = loops;
        loops = recursive ? 1 : loops + 1;
        allLoops++;
        List<Stmt> body = body(tag, "endfor", "else");
        unknown.check(mark);
        loops = recursive ? 0 : around;
        boolean hasElse = tokens.next().text().equals("else");
        List<Stmt> otherwise = hasElse ? closedBody(tag, "endfor") : List.of();
        loops = around;
        allLoops--;
        return new Stmt.For(target, values, filter, recursive, body, otherwise, at);
    }

    private Stmt set(Token tag, int at) {
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Stmt.Set(target, expressions.tuple(), at);
        }
        int mark = unknown.mark();
        Expr.Filtered filter = tokens.skipOperator("|") ? filterChain(expressions.filter(null)) : null;
        unknown.check(mark);
        return new Stmt.SetBlock(target, filter, closedBody(tag, "endset"), at);
    }

    private Expr.Filtered filterChain(Expr.Filtered first) {
        Expr.Filtered chain = first;
        while (tokens.skipOperator("|")) {
            chain = expressions.filter(chain);
        }
        return chain;
    }

    private Stmt callBlock(Token tag, int at) {
        // The parameters stand before the call, the body after it; a definition needs both.
        uses.begin();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        if (tokens.current().isOperator("(")) {
            signature(parameters, defaults);
        }
        Token callAt = tokens.current();
        Expr call = expressions.expression();
        if (!(call instanceof Expr.Call called)) {
            throw tokens.error("expected the call of a macro", callAt);
        }
        return new Stmt.CallBlock(called, function(tag, parameters, defaults, "endcall"), at);
    }

    private Macro.Definition definition(Token tag) {
        uses.begin();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        signature(parameters, defaults);
        return function(tag, parameters, defaults, "endmacro");
    }

    private Macro.Definition function(Token tag, List<String> parameters, List<Expr> defaults, String end) {
        int around = loops;
        loops = 0;
        List<Stmt> body = closedBody(tag, end);
        loops = around;
        Set<String> used = uses.end();
        int caller = parameters.indexOf("caller");
        if (used.contains("caller") && caller >= 0 && caller < parameters.size() - defaults.size()) {
            throw tokens.error("the parameter \"caller\" needs a default", tag);
        }
        return new Macro.Definition(
                parameters,
                defaults,
                body,
                used.contains("caller"),
                used.contains("kwargs") && !parameters.contains("kwargs"),
                used.contains("varargs") && !parameters.contains("varargs"));
    }

    private void signature(List<String> parameters, List<Expr> defaults) {
        tokens.expectOperator("(");
        while (!tokens.current().isOperator(")")) {
            Token name = tokens.expectName();
            if (parameters.contains(name.text())) {
                throw tokens.error("the parameter \"" + name.text() + "\" stands twice", name);
            }
            parameters.add(checkedName(name));
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.error("a parameter without a default follows one with a default", name);
            }
            if (!tokens.current().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator(")");
    }

    private Stmt with(Token tag, int at) {
        List<Target> targets = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.current().is(Type.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(targetItem(false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Stmt.With(targets, values, closedBody(tag, "endwith"), at);
    }

    /** One target, or several with commas between them. */
    private Target target(boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        do {
            Token token = tokens.current();
            if (!targets.isEmpty() && (token.isOperator(")") || token.is(Type.BLOCK_END))) {
                break;
            }
            targets.add(targetItem(namespaces));
            several |= tokens.current().isOperator(",");
        } while (tokens.skipOperator(","));
        return several ? new Target.Several(targets) : targets.get(0);
    }

    private Target targetItem(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            if (++depth > MAX_DEPTH) {
                throw tokens.error("targets are nested more than " + MAX_DEPTH + " deep", tokens.current());
            }
            Target inner = target(false);
            depth--;
            tokens.expectOperator(")");
            return inner;
        }
        Token name = tokens.expectName();
        if (namespaces && tokens.skipOperator(".")) {
            return new Target.Member(name.text(), tokens.expectName().text());
        }
        if (allLoops > 0 && name.text().equals("loop")) {
            throw tokens.error("\"loop\" cannot be assigned to in a loop", name);
        }
        return new Target.Name(checkedName(name));
    }

    private String checkedName(Token name) {
        if (ExpressionParser.CONSTANTS.contains(name.text())) {
            throw tokens.error("\"" + name.text() + "\" is a constant and cannot be assigned to", name);
        }
        return name.text();
    }
}
