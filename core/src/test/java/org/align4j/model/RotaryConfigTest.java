package org.align4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class RotaryConfigTest {
    private static final String BODY = "\"vocab_size\":61,\"hidden_size\":32,\"intermediate_size\":48,"
            + "\"num_hidden_layers\":2,\"num_attention_heads\":4,\"max_position_embeddings\":1024,";

    private static HfConfig config(String architecture, String rope) {
        String json = "{\"architectures\":[\"" + architecture + "\"]," + BODY + rope.replace('\'', '"') + "}";
        return new HfConfig(new JsonMapper().readTree(json), "config.json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LlamaForCausalLM | 'rope_scaling':{'type':'dynamic','factor':2} | "rope_type" is dynamic, which is not supported; supported: default, linear, llama3, yarn
            LlamaForCausalLM | 'partial_rotary_factor':0.5 | "partial_rotary_factor" is 0.5, which is not supported; supported: 1
            Gemma3ForCausalLM | 'rope_parameters':{'full_attention':{'rope_type':'proportional'}} | "rope_type" is proportional, which is not supported
            Phi3ForCausalLM | 'rope_scaling':{'type':'yarn','factor':2} | "rope_type" is yarn, which is not supported; supported: default, longrope
            Phi3ForCausalLM | 'rope_scaling':{'type':'longrope','short_factor':[1,2]} | "short_factor" has 2 entries, expected one for each of the 4 pairs
            Phi3ForCausalLM | 'rope_scaling':{'type':'longrope'} | has no "short_factor"
            """, quoteCharacter = '`')
    void whatIsNotSupportedIsNamed(String architecture, String rope, String message) {
        assertThatThrownBy(() -> Architectures.parse(config(architecture, rope)))
                .isInstanceOf(AlignException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("config.json");
    }

    @ParameterizedTest
    @CsvSource({"longrope", "su"})
    void longRopeEndsWhereItsOtherFrequenciesWouldBegin(String type) {
        HfConfig config = config(
                "Phi3ForCausalLM",
                "'original_max_position_embeddings':256,'rope_scaling':{'type':'" + type
                        + "','short_factor':[1,2,4,8],'long_factor':[9,9,9,9]}");
        Architecture phi = Architectures.parse(config);
        assertThat(phi.boundedPositions()).isTrue();
        assertThat(phi.dimensions().maxPositions()).isEqualTo(256);
        RopeScaling scaling = RotaryConfig.of(config).longScaling(4, 1024);
        assertThat(scaling.scale(0.5f, 2, 8, 10_000)).isEqualTo(0.125f);
        assertThat(scaling.magnitude()).isCloseTo(Math.sqrt(1 + Math.log(4) / Math.log(256)), within(1e-12)); // √1.25
    }

    /** Heads of 8, 64 positions: 32 turns would need a pair before the first, one turn is that of pair 1.008. */
    @Test
    void yarnKeepsBlendsAndDivides() {
        HfConfig config = config(
                "LlamaForCausalLM", "'rope_scaling':{'type':'yarn','factor':4,'original_max_position_embeddings':64}");
        RopeScaling yarn = RotaryConfig.of(config).scaling(1024);
        assertThat(yarn.scale(1, 0, 8, 10_000)).isEqualTo(1);
        assertThat(yarn.scale(0.1f, 1, 8, 10_000)).isCloseTo(0.1f * (0.5f + 0.5f / 4), within(1e-8f));
        assertThat(yarn.scale(0.01f, 2, 8, 10_000)).isCloseTo(0.01f / 4, within(1e-9f));
        assertThat(yarn.magnitude()).isCloseTo(1 + 0.1 * Math.log(4), within(1e-12));
    }
}
