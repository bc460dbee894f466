package org.align4j.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;

/**
 * The one idiom for native memory: every tensor made inside a scope is freed when the scope closes, unless it is kept.
 *
 * <pre>{@code
 * try (StepScope step = StepScope.open()) {
 *     Tensor loss = …;
 *     return step.keep(loss);
 * }
 * }</pre>
 *
 * <p>Scopes nest and belong to the thread that opened them. A kept tensor passes to the enclosing scope; with none, it
 * lives until {@link Tensor#close()}.
 */
public final class StepScope implements AutoCloseable {
    private final PointerScope outer;
    private final PointerScope scope;

    private StepScope() {
        Libtorch.load();
        this.outer = PointerScope.getInnerScope();
        this.scope = new PointerScope();
    }

    public static StepScope open() {
        return new StepScope();
    }

    /** Lets a tensor outlive this scope. */
    public Tensor keep(Tensor tensor) {
        return move(tensor, scope, outer);
    }

    /** Moves tensors of inner scopes to the scope that is innermost now: for who keeps what is made when first needed. */
    public static UnaryOperator<Tensor> keeper() {
        PointerScope here = PointerScope.getInnerScope();
        return tensor -> {
            PointerScope inner = PointerScope.getInnerScope();
            return inner == here ? tensor : move(tensor, inner, here);
        };
    }

    private static Tensor move(Tensor tensor, PointerScope from, PointerScope to) {
        if (to != null) {
            to.attach(tensor.handle);
        } else {
            tensor.handle.retainReference();
        }
        from.detach(tensor.handle);
        return tensor;
    }

    /** Lets a tensor outlive all scopes, until {@link Tensor#close()}. */
    public Tensor disown(Tensor tensor) {
        tensor.handle.retainReference();
        scope.detach(tensor.handle);
        return tensor;
    }

    /** Gives a tensor that {@link #disown} left without a scope, of whatever thread, to the innermost scope here. */
    static void adopt(Tensor tensor) {
        PointerScope.getInnerScope().attach(tensor.handle);
        tensor.handle.releaseReference();
    }

    @Override
    public void close() {
        scope.close();
    }
}
