package org.align4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.config.Setting;

/** Command lines of TRL's scripts: options that are none of ours, and lists of values with spaces between. */
final class ForeignOptions {
    private static final Set<String> LISTS = Set.of("loss_type", "loss_weights", "lora_target_modules");

    private ForeignOptions() {}

    /**
     * The arguments without options that only others have.
     *
     * @param keys of the command
     * @param foreign gets those, by key
     */
    static List<String> takeOut(List<String> args, Set<String> keys, Map<String, Setting> foreign) {
        List<String> own = new ArrayList<>();
        for (int i = 0; i < args.size(); ) {
            String[] parts = args.get(i).split("=", 2);
            String key = parts[0].startsWith("--") ? parts[0].substring(2).replace('-', '_') : "";
            boolean negated = key.startsWith("no_") && ForeignKeys.has(key.substring(3));
            String name = negated ? key.substring(3) : key;
            boolean taken = !keys.contains(name) && ForeignKeys.has(name);
            if (!taken && !LISTS.contains(key)) {
                own.add(args.get(i++));
                continue;
            }
            List<String> values = new ArrayList<>(parts.length == 2 ? List.of(parts[1]) : List.of());
            for (i++; i < args.size() && !args.get(i).startsWith("--"); i++) {
                values.add(args.get(i));
            }
            String value = values.isEmpty() ? String.valueOf(!negated) : String.join(",", values);
            if (!taken) {
                own.add(parts[0]);
                own.addAll(values.isEmpty() ? List.of() : List.of(value));
            } else if (foreign.put(name, new Setting(value, parts[0])) != null) {
                throw AlignException.usage(parts[0] + ": " + name + " is given twice; leave one out");
            }
        }
        return own;
    }
}
