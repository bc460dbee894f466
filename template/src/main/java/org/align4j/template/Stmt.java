package org.align4j.template;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.align4j.template.Render.Captured;

/** A statement, which knows how to run itself. */
sealed interface Stmt {
    /** How a statement ended. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** Its offset in the template. */
    int at();

    /** What it does; {@link #runAll} is what others call. */
    Flow run(Scope scope);

    /** Runs statements in turn, within the budget; errors get their place. */
    static Flow runAll(List<Stmt> statements, Scope scope) {
        Render render = scope.render();
        for (Stmt statement : statements) {
            try {
                render.budget().enter();
                Flow flow = statement.run(scope);
                render.budget().leave();
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (EvalError e) {
                throw e.at(render.source(), statement.at());
            }
        }
        return Flow.NEXT;
    }

    /** Text between tags. */
    record Data(String text, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            scope.render().write(text);
            return Flow.NEXT;
        }
    }

    /** {@code {{ value }}}. */
    record Print(Expr value, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            scope.render().write(Text.str(value.eval(scope)));
            return Flow.NEXT;
        }
    }

    /** {@code {% if %}}: {@code tests} and {@code bodies} go together. */
    record If(List<Expr> tests, List<List<Stmt>> bodies, List<Stmt> otherwise, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            for (int i = 0; i < tests.size(); i++) {
                if (Values.truth(tests.get(i).eval(scope))) {
                    return runAll(bodies.get(i), scope);
                }
            }
            return runAll(otherwise, scope);
        }
    }

    /** {@code {% for %}}; {@code filter} may be null. */
    record For(
            Target target, Expr values, Expr filter, boolean recursive, List<Stmt> body, List<Stmt> otherwise, int at)
            implements Stmt {
        @Override
        public Flow run(Scope scope) {
            Object iterable = values.eval(scope);
            if (!recursive) {
                return loop(scope, iterable, 0);
            }
            scope.render().write(captured(scope, iterable, 0));
            return Flow.NEXT;
        }

        private String captured(Scope scope, Object iterable, int depth) {
            return scope.render()
                    .capture(List.of(new Again(this, iterable, depth)), scope)
                    .text();
        }

        private Flow loop(Scope scope, Object iterable, int depth) {
            scope.render().budget().spend(iterable instanceof String text ? text.length() * 2L : 0);
            Iterator<?> all = Values.iterate(iterable);
            boolean counted = filter == null && Values.hasLength(iterable);
            Loop loop = new Loop(
                    filter == null ? all : new Filtered(this, scope, all),
                    counted ? Values.length(iterable) : -1,
                    recursive ? inner -> captured(scope, inner, depth + 1) : null,
                    depth);
            boolean completed = false; // a round that ends with continue does not count: so it is in Jinja
            while (loop.hasNext()) {
                scope.render().budget().spend(1);
                Scope round = scope.child();
                round.set("loop", loop);
                target.assign(round, loop.next());
                Flow flow = runAll(body, round);
                if (flow == Flow.BREAK) {
                    break;
                }
                completed |= flow == Flow.NEXT;
            }
            return completed ? Flow.NEXT : runAll(otherwise, scope.child());
        }
    }

    /** A recursive loop over other values. */
    record Again(For loop, Object values, int depth) implements Stmt {
        @Override
        public int at() {
            return loop.at();
        }

        @Override
        public Flow run(Scope scope) {
            return loop.loop(scope, values, depth);
        }
    }

    /** The values of a loop that pass its filter, each tested when it is asked for. */
    final class Filtered implements Iterator<Object> {
        private final For loop;
        private final Scope scope;
        private final Iterator<?> values;
        private Object next;
        private boolean found;

        private Filtered(For loop, Scope scope, Iterator<?> values) {
            this.loop = loop;
            this.scope = scope;
            this.values = values;
        }

        @Override
        public boolean hasNext() {
            while (!found && values.hasNext()) {
                next = values.next();
                Scope test = scope.child();
                loop.target().assign(test, next);
                found = Values.truth(loop.filter().eval(test));
            }
            return found;
        }

        @Override
        public Object next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            found = false;
            return next;
        }
    }

    /** {@code {% set target = value %}}. */
    record Set(Target target, Expr value, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            target.assign(scope, value.eval(scope));
            return Flow.NEXT;
        }
    }

    /** {@code {% set target %}…{% endset %}}; {@code filter} may be null. */
    record SetBlock(Target target, Expr.Filtered filter, List<Stmt> body, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            Scope inner = scope.child();
            Captured block = scope.render().capture(body, inner);
            if (block.flow() == Flow.NEXT) {
                target.assign(scope, filter == null ? block.text() : filter.applyChain(inner, block.text()));
            }
            return block.flow();
        }
    }

    /** {@code {% filter name %}…{% endfilter %}}. */
    record FilterBlock(Expr.Filtered filter, List<Stmt> body, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            Scope inner = scope.child();
            Captured block = scope.render().capture(body, inner);
            if (block.flow() == Flow.NEXT) {
                scope.render().write(StringMethods.string("a filter block", filter.applyChain(inner, block.text())));
            }
            return block.flow();
        }
    }

    /** {@code {% macro %}}. */
    record Define(String name, Macro.Definition definition, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            scope.set(name, new Macro(name, definition, scope));
            return Flow.NEXT;
        }
    }

    /** {@code {% call %}}. */
    record CallBlock(Expr.Call call, Macro.Definition body, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            scope.render().write(Text.str(call.call(scope, new Macro(null, body, scope))));
            return Flow.NEXT;
        }
    }

    /** {@code {% with %}}: the values are computed outside of it. */
    record With(List<Target> targets, List<Expr> values, List<Stmt> body, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            Scope inner = scope.child();
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, values.get(i).eval(scope));
            }
            return runAll(body, inner);
        }
    }

    /** {@code {% generation %}}. */
    record Generation(List<Stmt> body, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            scope.render().generation(body, scope.child());
            return Flow.NEXT;
        }
    }

    /** {@code {% break %}} and {@code {% continue %}}. */
    record Leave(Flow flow, int at) implements Stmt {
        @Override
        public Flow run(Scope scope) {
            return flow;
        }
    }
}
