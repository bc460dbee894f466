package org.align4j.tensor;

import static org.align4j.tensor.WholeNumbers.product;
import static org.align4j.tensor.WholeNumbers.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrewTest {
    @Test
    void everyPartRunsOnceInEveryJob() throws InterruptedException {
        try (Crew crew = Crew.open(3)) {
            AtomicIntegerArray runs = new AtomicIntegerArray(5);
            for (int job = 1; job <= 2000; job++) {
                crew.run(5, runs::incrementAndGet);
                for (int part = 0; part < 5; part++) {
                    assertThat(runs.get(part)).isEqualTo(job);
                }
                if (job % 500 == 0) {
                    Thread.sleep(5); // long enough for helpers to fall asleep
                }
            }
        }
    }

    @Test
    void whatAPartThrowsComesOut() {
        try (Crew crew = Crew.open(2)) {
            assertThatThrownBy(() -> crew.run(4, part -> {
                        if (part == 2) {
                            throw new IllegalStateException("part 2");
                        }
                    }))
                    .hasMessage("part 2");
        }
    }

    @Test
    void tensorsOfAllPartsBelongToTheScopeHere() {
        Tensor[] squares;
        try (Crew crew = Crew.open(2)) {
            try (StepScope scope = StepScope.open()) {
                squares =
                        crew.compute(4, part -> Tensor.of(new float[] {part}, 1).square());
                for (int part = 0; part < 4; part++) {
                    assertThat(squares[part].toFloats()).containsExactly(part * part);
                }
            }
            assertThat(squares[3].handle.isNull()).isTrue();
        }
    }

    /** Whole numbers have exact sums, so not a bit may differ from the plain sum, whatever the pieces. */
    @ParameterizedTest
    @CsvSource({"1, 1, false", "1, 2, true", "7, 3, false", "7, 3, true", "64, 2, true", "200, 2, false", "200, 2, true"
    })
    void splitLayersGiveWhatWholeOnesGive(int rows, int threads, boolean packed) {
        int in = 520;
        int[] outs = {300, 37, 140};
        float[] x = whole(rows * in, 1);
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                Crew crew = Crew.open(threads)) {
            List<Tensor> weights = new ArrayList<>();
            List<Tensor> biases = new ArrayList<>();
            for (int out : outs) {
                weights.add(Tensor.of(whole(out * in, out), out, in));
                biases.add(Tensor.of(whole(out, 5 * out), out));
            }
            try (SplitLinear split = new SplitLinear(weights, biases, threads, packed, crew)) {
                Tensor[] results = split.apply(Tensor.of(x, rows, in), crew);
                for (int layer = 0; layer < outs.length; layer++) {
                    float[] weight = weights.get(layer).toFloats();
                    float[] bias = biases.get(layer).toFloats();
                    assertThat(results[layer].toFloats()).isEqualTo(product(x, weight, bias, in));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, false", "1, 2, true", "7, 3, false", "7, 3, true", "64, 2, true"})
    void aGatedBlockInPartsGivesWhatTheWholeGives(int rows, int threads, boolean biased) {
        int in = 130;
        int inner = 510;
        int out = 37;
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                Crew crew = Crew.open(threads)) {
            Tensor x = Tensor.of(whole(rows * in, 1), rows, in);
            List<Tensor> weights = List.of(
                    Tensor.of(whole(inner * in, 2), inner, in),
                    Tensor.of(whole(inner * in, 3), inner, in),
                    Tensor.of(whole(out * inner, 4), out, inner));
            List<Tensor> biases = biased
                    ? List.of(
                            Tensor.of(whole(inner, 5), inner),
                            Tensor.of(whole(inner, 6), inner),
                            Tensor.of(whole(out, 7), out))
                    : List.of();
            Tensor gate = x.linear(weights.get(0), biased ? biases.get(0) : null);
            Tensor up = x.linear(weights.get(1), biased ? biases.get(1) : null);
            Tensor whole = gate.relu().mul(up).linear(weights.get(2), biased ? biases.get(2) : null);
            try (SplitGated split = new SplitGated(weights, biases, threads, crew)) {
                assertThat(split.apply(x, Tensor::relu, crew).toFloats()).isEqualTo(whole.toFloats());
            }
        }
    }

    /** The sum of all parts is rounded once, as the whole's is. */
    @ParameterizedTest
    @CsvSource({"1, 2", "7, 3"})
    void aGatedBlockInPartsRoundsOnceInBf16(int rows, int threads) {
        int in = 60;
        int inner = 300;
        int out = 37;
        try (StepScope scope = StepScope.open();
                NoGrad noGrad = NoGrad.open();
                Crew crew = Crew.open(threads)) {
            Tensor x = Tensor.of(whole(rows * in, 1), rows, in).to(Dtype.BF16);
            List<Tensor> weights = List.of(
                    Tensor.of(whole(inner * in, 2), inner, in).to(Dtype.BF16),
                    Tensor.of(whole(inner * in, 3), inner, in).to(Dtype.BF16),
                    Tensor.of(whole(out * inner, 4), out, inner).to(Dtype.BF16));
            Tensor products = x.linear(weights.get(0), null).relu().mul(x.linear(weights.get(1), null));
            Tensor exact = products.to(Dtype.F32).linear(weights.get(2).to(Dtype.F32), null);
            try (SplitGated split = new SplitGated(weights, List.of(), threads, crew)) {
                assertThat(split.apply(x, Tensor::relu, crew).toFloats())
                        .isEqualTo(exact.to(Dtype.BF16).toFloats());
            }
        }
    }
}
