package org.align4j.cli;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What becomes of the keys of TRL, transformers, the alignment-handbook and open-instruct that are none of ours. */
final class ForeignKeys {
    /** Our names. */
    static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("model_name_or_path", "model"),
            Map.entry("output_dir", "output"),
            Map.entry("dataset_name", "data"),
            Map.entry("chat_template_path", "chat_template"),
            Map.entry("bnb_4bit_use_double_quant", "use_bnb_nested_quant"),
            Map.entry("max_seq_length", "max_length"),
            Map.entry("num_epochs", "num_train_epochs"),
            Map.entry("use_lora", "use_peft"),
            Map.entry("checkpointing_steps", "save_steps"),
            Map.entry("keep_last_n_checkpoints", "save_total_limit"));

    /** How it is logged, stored, spread over devices or held in memory; what only matters beside a key that is refused. */
    static final Set<String> WITHOUT_EFFECT = words("""
            accelerator_config activation_checkpointing activation_checkpointing_kwargs activation_offloading
            attn_implementation auto_find_batch_size average_tokens_across_devices batch_eval_metrics bf16 bf16_full_eval
            bnb_4bit_compute_dtype bnb_4bit_quant_storage data_seed dataloader_in_order dataloader_multiprocessing_context
            dataloader_num_workers dataloader_persistent_workers dataloader_pin_memory dataloader_prefetch_factor
            dataset_num_proc dataset_streaming ddp_backend ddp_broadcast_buffers ddp_bucket_cap_mb
            ddp_find_unused_parameters ddp_static_graph ddp_timeout debug deepspeed disable_tqdm do_eval do_predict
            do_train enable_jit_checkpoint eval_accumulation_steps eval_delay eval_do_concat_batches eval_on_start
            eval_strategy eval_use_gather_object evaluation_strategy fp16 fp16_full_eval fsdp fsdp_config
            full_determinism generate_during_eval gradient_checkpointing gradient_checkpointing_kwargs greater_is_better
            hub_always_push hub_model_id hub_model_revision hub_private_repo hub_revision hub_strategy hub_token
            ignore_bias_buffers ignore_data_skip include_for_metrics include_num_input_tokens_seen
            include_tokens_per_second is_encoder_decoder label_names length_column_name liger_kernel_config local_rank
            log_level log_level_replica log_on_each_node logging_dir logging_first_step logging_nan_inf_filter
            logging_steps logging_strategy lora_task_type metric_for_best_model
            overwrite_output_dir pad_to_multiple_of pad_token padding_free padding_value parallelism_config
            per_device_eval_batch_size precompute_ref_batch_size precompute_ref_log_probs prediction_loss_only
            preprocessing_num_workers project push_to_hub remove_unused_columns report_to
            restore_callback_states_from_checkpoint run_name save_on_each_node save_only_model save_safetensors
            save_strategy shuffle_dataset skip_memory_metrics streaming tf32 tokenizer_name torch_compile torch_compile_backend
            torch_compile_mode torch_dtype torch_empty_cache_steps trackio_bucket_id trackio_space_id
            trackio_static_space_id trust_remote_code use_cache use_cpu use_liger_kernel
            use_liger_loss use_slow_tokenizer with_tracking""");

    /** What older TRL cut to a length of its own, and what becomes of it: we have one length for all, as newer TRL has. */
    static final Map<String, String> CUT_OTHERWISE = Map.of(
            "max_prompt_length", "no prompt is cut",
            "max_completion_length", "completions are cut by max_length alone");

    /** Keys that would change the result, and the values that do not: the names of AdamW also in 8 bits, for the exact one. */
    static final Map<String, Set<String>> ONLY = Map.ofEntries(
            Map.entry("dataloader_drop_last", words("false")),
            Map.entry("dataset_text_field", words("text")),
            Map.entry("disable_dropout", words("true")),
            Map.entry("group_by_length", words("false")),
            Map.entry("label_smoothing_factor", words("0 0.0")),
            Map.entry("load_best_model_at_end", words("false")),
            Map.entry("load_in_8bit", words("false")),
            Map.entry("model_revision", words("main")),
            Map.entry(
                    "optim",
                    words("adamw adamw_torch adamw_torch_fused adamw_hf adamw_apex_fused adamw_anyprecision paged_adamw"
                            + " paged_adamw_32bit adamw_8bit adamw_bnb_8bit adamw_torch_8bit paged_adamw_8bit")),
            Map.entry("resume_from_checkpoint", words("false")),
            Map.entry("router_aux_loss_coef", words("0 0.0")),
            Map.entry("truncation_mode", words("keep_start")),
            Map.entry("use_dora", words("false")));

    /** Values with a meaning here: of a key and a value, our key and value. */
    static final Map<String, Map<String, String[]>> VALUES = Map.of(
            "bf16", Map.of("false", pair("dtype", "float32")),
            "dtype", Map.of("bfloat16", pair("dtype", "bf16")),
            "loss_type", Map.of("dpo_norm", pair("loss_type", "sigmoid_norm")),
            "resume_from_checkpoint", Map.of("true", pair("resume", "true")),
            "save_strategy", Map.of("no", pair("save_steps", "0")),
            "train_sampling_strategy",
                    Map.of("random", pair("shuffle", "true"), "sequential", pair("shuffle", "false")));

    /** What null means where that is not our default. */
    static final Map<String, String> NULLS = Map.of(
            "max_length",
            String.valueOf(Integer.MAX_VALUE),
            "max_seq_length",
            String.valueOf(Integer.MAX_VALUE),
            "max_grad_norm",
            "0",
            "save_total_limit",
            "0");

    /** Rows of a device's step, and how many such steps are added up. */
    static final String ROWS = "per_device_train_batch_size";

    static final String ADDED = "gradient_accumulation_steps";

    private ForeignKeys() {}

    /** Whether somebody else has a key of this name. */
    static boolean has(String key) {
        return RENAMED.containsKey(key)
                || WITHOUT_EFFECT.contains(key)
                || CUT_OTHERWISE.containsKey(key)
                || ONLY.containsKey(key)
                || VALUES.containsKey(key)
                || RecipeData.KEYS.contains(key)
                || key.equals(ROWS)
                || key.equals(ADDED);
    }

    private static Set<String> words(String text) {
        return Collections.unmodifiableSet(
                new TreeSet<>(Arrays.asList(text.strip().split("\\s+"))));
    }

    private static String[] pair(String key, String value) {
        return new String[] {key, value};
    }
}
