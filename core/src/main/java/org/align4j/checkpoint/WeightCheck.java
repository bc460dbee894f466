package org.align4j.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.AlignException;

/** Compares the tensors of a folder with those that a model needs. */
final class WeightCheck {
    /** Buffers, not weights: causal masks and rotary frequencies, which a model computes itself. */
    private static final List<String> BUFFERS = List.of(
            "rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias");

    private WeightCheck() {}

    static void check(ModelFolder folder, Map<String, long[]> expected, Set<String> ignored) {
        checkMissing(folder, expected);
        for (Map.Entry<String, long[]> entry : expected.entrySet()) {
            checkTensor(folder, folder.tensors().get(entry.getKey()), entry.getValue());
        }
        checkUnexpected(folder, expected, ignored);
    }

    private static void checkMissing(ModelFolder folder, Map<String, long[]> expected) {
        List<String> missing = new ArrayList<>();
        for (String name : expected.keySet()) {
            if (!folder.tensors().containsKey(name)) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw AlignException.badInput(OneLine.text(folder.path()) + ": the weights lack " + missing.size() + " of "
                    + expected.size() + " tensors that config.json asks for: " + OneLine.names(missing) + "; "
                    + missingHint(folder, missing.get(0)));
        }
    }

    private static String missingHint(ModelFolder folder, String missing) {
        for (String found : folder.tensors().keySet()) {
            if (found.endsWith("." + missing) || missing.endsWith("." + found)) {
                return "found " + OneLine.name(found)
                        + ", so names differ by a prefix: export the model with save_pretrained of its"
                        + " ...ForCausalLM class";
            }
        }
        return "found " + OneLine.names(folder.tensors().keySet())
                + "; check that config.json belongs to these weights, or download the model again";
    }

    private static void checkTensor(ModelFolder folder, TensorInfo found, long[] shape) {
        String tensor = OneLine.text(folder.fileOf(found.name())) + ": tensor " + OneLine.name(found.name()) + " has ";
        if (!Arrays.equals(found.shape(), shape)) {
            throw AlignException.badInput(tensor + "shape " + Arrays.toString(found.shape()) + ", config.json asks for "
                    + Arrays.toString(shape) + "; " + shapeHint(found.shape(), shape));
        }
        if (!found.dtype().isWeight()) {
            throw AlignException.badInput(tensor + "dtype " + found.dtype()
                    + ", expected F32, BF16, F16 or F64; quantised weights cannot be trained, take the original model");
        }
    }

    private static String shapeHint(long[] found, long[] expected) {
        boolean isMatrix = found.length == 2 && expected.length == 2;
        if (isMatrix && found[0] == expected[1] && found[1] == expected[0]) {
            return "it is transposed: export the model again with transformers";
        }
        if (isMatrix && found[1] == expected[1]) {
            return "if the vocabulary was extended after saving, set vocab_size in config.json to " + found[0]
                    + ", otherwise config.json belongs to another model";
        }
        return "config.json belongs to another model, download both together";
    }

    private static void checkUnexpected(ModelFolder folder, Map<String, long[]> expected, Set<String> ignored) {
        List<String> unexpected = new ArrayList<>();
        for (String name : folder.tensors().keySet()) {
            if (!expected.containsKey(name) && !isIgnored(name, ignored)) {
                unexpected.add(name);
            }
        }
        if (!unexpected.isEmpty()) {
            throw AlignException.badInput(OneLine.text(folder.path()) + ": the weights hold " + unexpected.size()
                    + " tensors that the model of config.json has no place for: " + OneLine.names(unexpected)
                    + "; check model_type and biases in config.json, training would silently drop them");
        }
    }

    private static boolean isIgnored(String name, Set<String> ignored) {
        for (String suffix : BUFFERS) {
            if (name.endsWith(suffix)) {
                return true;
            }
        }
        for (String pattern : ignored) {
            if (pattern.startsWith("*") ? name.endsWith(pattern.substring(1)) : name.equals(pattern)) {
                return true;
            }
        }
        return false;
    }
}
