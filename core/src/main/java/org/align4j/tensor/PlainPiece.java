package org.align4j.tensor;

/** A piece as libtorch computes it. */
record PlainPiece(Tensor weight, Tensor bias) implements LinearPiece {

    @Override
    public long outputs() {
        return weight.size(0);
    }

    @Override
    public Tensor apply(Tensor x) {
        return x.linear(weight, bias);
    }

    @Override
    public void apply(Tensor x, Tensor target, long at) {
        Tensor computed = apply(x);
        LinearPiece.copy(computed, 0, target, at, computed.size(1));
    }

    @Override
    public void close() {
        weight.close();
        if (bias != null) {
            bias.close();
        }
    }
}
