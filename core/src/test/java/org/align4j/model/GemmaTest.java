package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class GemmaTest {
    /** √3072 = 55.4256…; between 32 and 64 the step of bf16 is 1/4. */
    @ParameterizedTest
    @CsvSource({"F32, 55.425625", "BF16, 55.5"})
    void theFactorOfEmbeddingsIsRoundedToTheModelsType(Dtype dtype, float factor) {
        String json = "{\"architectures\":[\"Gemma2ForCausalLM\"],\"vocab_size\":1,\"hidden_size\":3072,"
                + "\"intermediate_size\":8,\"num_hidden_layers\":1,\"num_attention_heads\":8,\"head_dim\":256}";
        Gemma gemma = (Gemma) Architectures.parse(new HfConfig(new JsonMapper().readTree(json), "config.json"));
        try (StepScope scope = StepScope.open()) {
            float[] row = new float[3072];
            row[0] = 1;
            Tensor table = Tensor.of(row, 1, 3072).to(dtype);
            assertThat(gemma.embed(name -> table, Tensor.of(new int[] {0})).toFloats()[0])
                    .isEqualTo(factor);
        }
    }
}
