package org.align4j.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.align4j.AlignException;
import org.align4j.config.Setting;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A flat YAML file as settings. Values are taken as they are written, so that 1e-6 or a path arrive unchanged. */
final class YamlConfig {
    private YamlConfig() {}

    /**
     * What a file says.
     *
     * @param nested what is no single value, of keys that may be such
     */
    record Contents(Map<String, Setting> settings, Map<String, Node> nested) {}

    static Contents read(Path file) {
        Optional<Node> root = compose(file);
        Map<String, Setting> settings = new LinkedHashMap<>();
        Map<String, Node> nested = new LinkedHashMap<>();
        if (root.isEmpty()) {
            return new Contents(settings, nested);
        }
        if (!(root.get() instanceof MappingNode mapping)) {
            throw AlignException.usage(file + ": expected lines of key: value");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String origin = file + ":" + line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw AlignException.usage(origin + ": expected a key, found a nested value");
            }
            if (tuple.getValueNode() instanceof SequenceNode list && isFlat(list)) {
                // A list, as TRL's files have for loss_type, is a text with commas here.
                String joined = list.getValue().stream()
                        .map(each -> ((ScalarNode) each).getValue())
                        .collect(Collectors.joining(","));
                if (settings.put(key.getValue().replace('-', '_'), new Setting(joined, origin)) != null) {
                    throw AlignException.usage(origin + ": " + key.getValue() + " is given twice; leave one out");
                }
                continue;
            }
            if (!(tuple.getValueNode() instanceof ScalarNode) && ForeignKeys.has(key.getValue())) {
                settings.put(key.getValue(), new Setting("", origin));
                nested.put(key.getValue(), tuple.getValueNode());
                continue;
            }
            if (!(tuple.getValueNode() instanceof ScalarNode value)) {
                throw AlignException.usage(
                        origin + ": " + key.getValue() + " has nested values, expected a single value");
            }
            String text = value.getTag().equals(Tag.NULL) ? "" : value.getValue();
            if (settings.put(key.getValue().replace('-', '_'), new Setting(text, origin)) != null) {
                throw AlignException.usage(origin + ": " + key.getValue() + " is given twice; leave one out");
            }
        }
        return new Contents(settings, nested);
    }

    private static boolean isFlat(SequenceNode list) {
        return !list.getValue().isEmpty() && list.getValue().stream().allMatch(ScalarNode.class::isInstance);
    }

    private static Optional<Node> compose(Path file) {
        LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return new Compose(settings).composeReader(reader);
        } catch (MalformedInputException e) {
            throw AlignException.usage(file + ": is not UTF-8 text, expected YAML");
        } catch (IOException e) {
            throw AlignException.usage(file + ": cannot be read, expected a YAML file for --config");
        } catch (MarkedYamlEngineException e) {
            String line =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw AlignException.usage(file + line + ": is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw AlignException.usage(file + ": is not YAML: "
                    + e.getMessage().lines().findFirst().orElse(""));
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }
}
