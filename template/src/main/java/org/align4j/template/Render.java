package org.align4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One rendering: what has been written, what may still be done. */
final class Render {
    private final String source;
    private final RenderOptions options;
    private final Budget budget;
    private final Markup markup;
    private final List<Span> spans = new ArrayList<>();
    private StringBuilder out = new StringBuilder();
    /** How many buffers, of macros and the like, stand between what is written and the result. */
    private int captures;

    Render(String source, RenderOptions options) {
        this.source = source;
        this.options = options;
        this.budget = new Budget(options);
        this.markup = new Markup(budget);
    }

    Rendered run(List<Stmt> body, Map<String, ?> variables) {
        Scope scope = new Scope(this);
        variables.forEach((name, value) -> scope.set(name, Values.fromJava(value)));
        Stmt.runAll(body, scope);
        return new Rendered(out.toString(), List.copyOf(spans));
    }

    String source() {
        return source;
    }

    RenderOptions options() {
        return options;
    }

    Budget budget() {
        return budget;
    }

    Markup markup() {
        return markup;
    }

    void write(String text) {
        budget.checkLength((long) out.length() + text.length());
        budget.spend(text.length() / 2);
        out.append(text);
    }

    /** What statements wrote, and how they ended. */
    record Captured(String text, Stmt.Flow flow) {}

    /** Runs statements and gives what they write instead of writing it. */
    Captured capture(List<Stmt> body, Scope scope) {
        StringBuilder outer = out;
        out = new StringBuilder();
        captures++;
        Stmt.Flow flow = Stmt.runAll(body, scope); // an exception would end the whole rendering
        captures--;
        String text = out.toString();
        out = outer;
        return new Captured(text, flow);
    }

    /** Runs the body of a generation block and notes where its text stands. */
    void generation(List<Stmt> body, Scope scope) {
        if (options.generationSpans() && captures > 0) {
            throw new EvalError(
                    "the place of this generation block in the text is unknown, because it stands in a macro,"
                            + " a set, call or filter block or a recursive loop");
        }
        int start = out.length();
        Stmt.runAll(body, scope);
        if (options.generationSpans()) {
            budget.list(1);
            spans.add(new Span(start, out.length()));
        }
    }
}
