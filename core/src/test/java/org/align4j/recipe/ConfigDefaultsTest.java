package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.align4j.config.ConfigSchema;
import org.junit.jupiter.api.Test;

/** Every key and its default, so that none changes unnoticed. */
class ConfigDefaultsTest {
    private static List<String> defaults(ConfigSchema<?> schema) {
        List<String> lines = new ArrayList<>();
        for (ConfigSchema.KeyInfo key : schema.keys()) {
            lines.add(key.name() + " = " + (key.required() ? "required" : key.defaultText()));
        }
        return lines;
    }

    @Test
    void dpo() {
        assertThat(String.join("\n", defaults(DpoConfig.SCHEMA))).isEqualTo("""
                model = required
                data = required
                data_weights =\s
                output = required
                eval_data =\s
                eval_split = 0
                eval_steps = 0
                on_bad_row = fail
                max_length = 1024
                chat_template =\s
                dtype = auto
                save_dtype = float32
                use_peft = false
                lora_r = 16
                lora_alpha = 32
                lora_dropout = 0.05
                lora_target_modules =\s
                use_rslora = false
                adapter =\s
                load_in_4bit = false
                bnb_4bit_quant_type = nf4
                use_bnb_nested_quant = false
                train_batch_size = 8
                tokens_per_microbatch = 2048
                learning_rate = 1e-6
                lr_scheduler_type = linear
                warmup_steps = 0
                warmup_ratio = 0
                weight_decay = 0
                adam_beta1 = 0.9
                adam_beta2 = 0.999
                adam_epsilon = 1e-8
                max_grad_norm = 1.0
                num_train_epochs = 3
                max_steps = -1
                shuffle = true
                seed = 42
                save_steps = 500
                save_total_limit = 2
                resume = false
                overwrite = false
                reference =\s
                sync_ref_model = false
                ref_model_mixup_alpha = 0.6
                ref_model_sync_steps = 512
                reference_logps =\s
                cache_dir =\s
                assistant_only_loss = false
                mask_history = false
                beta = 0.1
                loss_type = sigmoid
                loss_weights =\s
                data_loss_types =\s
                data_loss_weights =\s
                rpo_alpha =\s
                label_smoothing = 0
                ranking_pairs = all
                ld_alpha =\s
                use_weighting = false
                reference_free = false
                f_divergence_type = reverse_kl
                f_alpha_divergence_coef = 0.5
                margin_coef = 0
                ipo_averaged = true
                discopop_tau = 0.05
                bco_running_delta = false
                rdpo_alpha = 0.01
                dpop_lambda = 50
                tie_nu =\s
                simpo_gamma = 0.5
                alphapo_alpha = 0
                cpo_alpha = 1
                score_temperature = 1""");
    }

    @Test
    void template() {
        assertThat(String.join("\n", defaults(TemplateConfig.SCHEMA))).isEqualTo("""
                messages = required
                model =\s
                template =\s
                chat_template =\s
                tools =\s
                documents =\s
                add_generation_prompt = false
                continue_final_message = false
                set =\s
                mask = false""");
    }

    @Test
    void score() {
        assertThat(String.join("\n", defaults(ScoreConfig.SCHEMA))).isEqualTo("""
                model =\s
                reward_model =\s
                adapter =\s
                reference =\s
                data = required
                output =\s
                beta = 0.1
                step_separator =\s
                chat_template =\s
                max_length = 1024
                on_bad_row = fail
                dtype = float32
                tokens_per_microbatch = 4096""");
    }

    /** Of the keys that other trainings do not have, and of learning_rate. */
    @Test
    void rewardAndPrm() {
        List<String> shared = new ArrayList<>(defaults(DpoConfig.SCHEMA));
        List<String> reward = new ArrayList<>(defaults(RewardConfig.SCHEMA));
        reward.removeAll(shared);
        assertThat(String.join("\n", reward)).isEqualTo("""
                learning_rate = 1e-4
                loss_type = bradley_terry
                margin_coef =\s
                center_rewards_coefficient = 0
                head_init = normal
                pooling =\s
                ensemble =\s
                long_rows = drop""");
        List<String> prm = new ArrayList<>(defaults(PrmConfig.SCHEMA));
        prm.removeAll(shared);
        assertThat(String.join("\n", prm)).isEqualTo("""
                learning_rate = 1e-5
                step_separator = \\n
                max_completion_length =\s
                train_on_last_step_only = false
                head_init = normal""");
    }

    @Test
    void merge() {
        assertThat(String.join("\n", defaults(MergeConfig.SCHEMA))).isEqualTo("""
                model = required
                adapter = required
                output = required
                save_dtype = float32""");
    }

    @Test
    void generate() {
        assertThat(String.join("\n", defaults(GenerateConfig.SCHEMA))).isEqualTo("""
                model = required
                adapter =\s
                prompt =\s
                chat = false
                chat_template =\s
                data =\s
                output =\s
                n = 1
                max_new_tokens = 128
                temperature = 1.0
                top_p = 1.0
                top_k = 0
                min_p = 0
                repetition_penalty = 1.0
                stop =\s
                logps = false
                greedy = false
                seed = 42
                on_bad_row = fail
                dtype = float32""");
    }
}
