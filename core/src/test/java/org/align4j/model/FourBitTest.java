package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.align4j.checkpoint.SafetensorsFile;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in four bits, against bitsandbytes bit for bit, and models of such against models of the same rounded weights. */
class FourBitTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/four_bits/blocks.safetensors");

    /** The ranks of bitsandbytes' codes of fp4 among their values, which have 0 twice. */
    private static final int[] FP4_RANKS = {7, 9, 14, 15, 12, 13, 10, 11, 8, 6, 1, 0, 3, 2, 5, 4};

    private static Tensor golden(SafetensorsFile file, String name) {
        Dtype dtype = Dtype.valueOf(file.tensors().get(name).dtype().name());
        return Tensor.ofBytes(dtype, file.chunks(name), file.tensors().get(name).shape());
    }

    private static byte[] bytes(Tensor tensor) {
        ByteBuffer buffer =
                tensor.bytes(0, Math.toIntExact(tensor.count() * tensor.dtype().bytes()));
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "odd", "edges", "close", "bf16"})
    void codesScalesAndValuesAreThoseOfBitsandbytes(String name) {
        try (SafetensorsFile file = SafetensorsFile.open(GOLDENS);
                StepScope scope = StepScope.open()) {
            Tensor weight = golden(file, name);
            for (FourBitType type : FourBitType.values()) {
                String key = name + "." + type.name().toLowerCase(Locale.ROOT);
                try (FourBitMatrix matrix = FourBitMatrix.of(weight, new FourBit(type, false))) {
                    byte[] packed = bytes(golden(file, key + ".packed"));
                    for (int i = 0; type == FourBitType.FP4 && i < packed.length; i++) {
                        packed[i] = (byte) (FP4_RANKS[packed[i] >>> 4 & 15] << 4 | FP4_RANKS[packed[i] & 15]);
                    }
                    if (weight.count() % 2 == 0) {
                        assertThat(bytes(matrix.packed)).as(key).isEqualTo(packed);
                    }
                    float[] absmax = golden(file, key + ".absmax").toFloats();
                    for (int block = 0; block < absmax.length; block++) {
                        assertThat(matrix.scales.of(block)).isEqualTo(absmax[block]);
                    }
                    assertThat(bytes(matrix.decode(weight.dtype())))
                            .as(key)
                            .isEqualTo(bytes(golden(file, key + ".values")));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "odd", "edges", "close", "bf16"})
    void nestedScalesAreTheNearestOfThe256(String name) {
        try (SafetensorsFile file = SafetensorsFile.open(GOLDENS);
                StepScope scope = StepScope.open()) {
            float[] dynamic = golden(file, "dynamic").toFloats();
            assertClose(FourBitScales.Nested.dynamic(), dynamic); // PyTorch's last bits depend on the processor

            Tensor weight = golden(file, name);
            try (FourBitMatrix matrix = FourBitMatrix.of(weight, new FourBit(FourBitType.NF4, true))) {
                FourBitScales.Nested scales = (FourBitScales.Nested) matrix.scales;
                byte[] codes = bytes(golden(file, name + ".nested.scales"));
                assertThat(scales.mean())
                        .isEqualTo(golden(file, name + ".nested.offset").toFloats()[0]);
                assertThat(scales.largest())
                        .isEqualTo(golden(file, name + ".nested.absmax").toFloats());
                assertThat(scales.codes()).isEqualTo(codes);
                assertClose(
                        matrix.decode(weight.dtype()).toFloats(),
                        golden(file, name + ".nested.values").toFloats());

                // On the CPU bitsandbytes looks where x lies among 65,536 places in [−1, 1]; so close is its answer.
                byte[] onCpu = bytes(golden(file, name + ".nested.scales_on_cpu"));
                float[] absmax = golden(file, name + ".nf4.absmax").toFloats();
                for (int i = 0; i < codes.length; i++) {
                    double x = (absmax[i] - scales.mean()) / scales.largest()[i / 256];
                    if (scales.largest()[i / 256] > 0) {
                        double nearest = Math.abs(x - dynamic[codes[i] & 255]);
                        double theirs = Math.abs(x - dynamic[onCpu[i] & 255]);
                        assertThat(theirs - nearest).isBetween(-1e-7, 2.0 / 65535);
                    }
                }
            }
        }
    }

    private static void assertClose(float[] got, float[] wanted) {
        assertThat(got).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(got[i]).isEqualTo(wanted[i], within(3e-7f * Math.abs(wanted[i])));
        }
    }

    @Test
    void memoryIsHalfAByteAWeightAndTheScales() {
        try (StepScope scope = StepScope.open();
                FourBitMatrix plain =
                        FourBitMatrix.of(Tensor.zeros(Dtype.F32, 96, 192), new FourBit(FourBitType.NF4, false));
                FourBitMatrix nested =
                        FourBitMatrix.of(Tensor.zeros(Dtype.BF16, 96, 192), new FourBit(FourBitType.FP4, true))) {
            assertThat(plain.packed.count()).isEqualTo(96 * 192 / 2);
            assertThat(((FourBitScales.Plain) plain.scales).scales()).hasSize(288); // blocks of 64
            FourBitScales.Nested scales = (FourBitScales.Nested) nested.scales;
            assertThat(scales.codes()).hasSize(288);
            assertThat(scales.largest()).hasSize(2); // blocks of 256 of these
            assertThat(nested.decode(Dtype.F32).toFloats()).containsOnly(0);
        }
    }

    /** Larger than what is turned at once. */
    @Test
    void piecesOfALargeMatrixLieWhereTheyBelong() {
        try (StepScope scope = StepScope.open()) {
            float[] values = new float[1100 * 1024];
            for (int i = 0; i < values.length; i++) {
                values[i] = (i / 64 % 1000 + 1) * (i % 2 == 0 ? 1 : -1); // ± the scale of its block: exact
            }
            Tensor weight = Tensor.of(values, 1100, 1024);
            try (FourBitMatrix matrix = FourBitMatrix.of(weight, new FourBit(FourBitType.NF4, false))) {
                assertThat(matrix.decode(Dtype.F32).toFloats()).isEqualTo(values);
            }
        }
    }

    static List<String> families() {
        return List.copyOf(TinyModels.configs().keySet());
    }

    private static final PackedBatch BATCH = PackedBatch.of(List.of(
            new TokenTree(new int[] {3, 5, 8, 13}, List.of(branch(21, 34, 2), branch(1, 1, 2, 3, 2)), 0),
            new TokenTree(new int[] {4, 9}, List.of(branch(16, 25, 36, 2), branch(49, 2)), 1)));

    private static TokenTree.Branch branch(int... tokens) {
        return new TokenTree.Branch(tokens, 0);
    }

    @ParameterizedTest
    @MethodSource("families")
    void aModelIsThatOfItsRoundedWeightsWithTheSameGradients(String family) {
        FourBit form = new FourBit(FourBitType.NF4, true);
        try (CausalLm plain = TinyModels.of(family, Dtype.F32, false);
                FourBitWeights packed = FourBitWeights.allocate(plain.architecture(), Dtype.F32, form)) {
            Parameters rounded = plain.parameters();
            for (String name : rounded.names()) {
                try (StepScope scope = StepScope.open()) {
                    if (!packed.has(name)) {
                        packed.others().stored(name).copyInPlace(rounded.stored(name));
                        continue;
                    }
                    packed.put(name, rounded.stored(name));
                    boolean turned = plain.architecture().inputFirst();
                    Tensor weight = turned ? rounded.stored(name).transpose(0, 1) : rounded.stored(name);
                    try (FourBitMatrix matrix = FourBitMatrix.of(weight, form)) {
                        weight.copyInPlace(matrix.decode(Dtype.F32));
                    }
                }
            }
            assertThat(packed.others().names()).isNotEmpty().noneMatch(packed::has);
            float[] weights = new float[BATCH.predictionCount()];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (i % 5 - 2) / 3f;
            }
            CausalLm inFourBits = new CausalLm(plain.architecture(), packed);
            assertThat(inFourBits.count()).isEqualTo(rounded.count());
            float[] expected = gradient(plain, weights);
            float[] got = gradient(inFourBits, weights);
            if (plain.architecture()
                    .inputFirst()) { // the plain product is that of the turned matrix: rounded otherwise
                for (int i = 0; i < expected.length; i++) {
                    assertThat(got[i]).isEqualTo(expected[i], within(1e-5f));
                }
                return;
            }
            assertThat(got).isEqualTo(expected);
            assertThat(LogProbs.score(inFourBits, BATCH).logps())
                    .isEqualTo(LogProbs.score(plain, BATCH).logps());
        }
    }

    /** Of an adapter that adds something, with dropout. */
    private static float[] gradient(CausalLm base, float[] weights) {
        LoraSettings settings = new LoraSettings(3, 6, 0.2, false, LoraLayers.kinds(base.architecture()));
        Lora lora = Lora.allocate(base.architecture(), settings, Dtype.F32, true);
        lora.parameters().randomize(0.1, new java.util.SplittableRandom(4));
        try (CausalLm model = base.adapted(lora);
                StepScope scope = StepScope.open()) {
            LogProbs.forward(model, BATCH, 11).backward(weights);
            float[] slopes = new float[2 * 61]; // all of the vocabulary at two tokens
            java.util.Arrays.fill(slopes, 17, 90, 0.01f);
            HeadOutputs.forward(model, BATCH, new int[] {2, 9}, 12).backward(slopes);
            return lora.parameters().flatGradient().toFloats();
        }
    }

    @ParameterizedTest
    @EnumSource(FourBitType.class)
    void everyValueIsItsOwnNearest(FourBitType type) {
        for (int code = 0; code < 16; code++) {
            assertThat(type.value(type.code(type.value(code)))).isEqualTo(type.value(code));
        }
        assertThat(type.code(-7)).isZero();
        assertThat(type.code(7)).isEqualTo(15);
    }
}
