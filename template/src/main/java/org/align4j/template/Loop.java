package org.align4j.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** The variable {@code loop}. It looks one element ahead only when it is asked whether there is one. */
final class Loop implements Attributes, Callable {
    private static final Object NONE = new Object();

    private final Function<Object, String> recursion;
    private final int depth0;
    private Iterator<?> values;
    private int length;
    private int index0 = -1;
    private Object before = NONE;
    private Object current = NONE;
    private Object after = NONE;
    private List<Object> changed;

    /**
     * Begins a loop.
     *
     * @param length how many values there are, or -1 if that is not known
     * @param recursion renders the loop's body for the elements of another list; null if the loop is not recursive
     */
    Loop(Iterator<?> values, int length, Function<Object, String> recursion, int depth0) {
        this.values = values;
        this.length = length;
        this.recursion = recursion;
        this.depth0 = depth0;
    }

    boolean hasNext() {
        return after != NONE || values.hasNext();
    }

    Object next() {
        Object next = after == NONE ? values.next() : after;
        after = NONE;
        index0++;
        before = current;
        current = next;
        return next;
    }

    private Object peek() {
        if (after == NONE && values.hasNext()) {
            after = values.next();
        }
        return after;
    }

    int index() {
        return index0 + 1;
    }

    int length() {
        if (length < 0) {
            List<Object> rest = new ArrayList<>();
            values.forEachRemaining(rest::add);
            values = rest.iterator();
            length = rest.size() + index() + (after == NONE ? 0 : 1);
        }
        return length;
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "index" -> (long) index();
            case "index0" -> (long) index0;
            case "revindex" -> (long) length() - index0;
            case "revindex0" -> (long) length() - index();
            case "first" -> index0 == 0;
            case "last" -> peek() == NONE;
            case "length" -> (long) length();
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
            case "nextitem" -> peek() == NONE ? new Undefined("there is no next item") : after;
            case "cycle" -> (Callable) (render, arguments) -> cycle(arguments);
            case "changed" -> (Callable) (render, arguments) -> changed(render, arguments);
            default -> Arguments.MISSING;
        };
    }

    private Object cycle(Arguments arguments) {
        List<Object> given = arguments.positional();
        if (given.isEmpty() || !arguments.named().isEmpty()) {
            throw new EvalError("loop.cycle() needs items to cycle through, without names");
        }
        return given.get(index0 % given.size());
    }

    private Object changed(Render render, Arguments arguments) {
        List<Object> given = arguments.positional();
        boolean same = changed != null && Values.equal(render.budget(), new Tuple(changed), new Tuple(given));
        changed = given;
        return !same;
    }

    @Override
    public Object call(Render render, Arguments arguments) {
        if (recursion == null) {
            throw new EvalError("the loop must have the 'recursive' marker to be called recursively");
        }
        return recursion.apply(arguments.positional("loop", 1, 1)[0]);
    }
}
