package org.align4j.recipe;

import java.util.*;
import org.align4j.config.Setting;

final class Tmp {
    static DpoConfig config(Map<String, String> in) {
        Map<String, Setting> m = new LinkedHashMap<>();
        in.forEach((k, v) -> m.put(k, new Setting(v, "--" + k)));
        return DpoConfig.SCHEMA.read(m);
    }

    public static void main(String[] args) {
        Map<String, String> m = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i += 2) m.put(args[i], args[i + 1]);
        RunResult r = DpoRecipe.run(config(m), new RunListener() {
            public void message(String line) {
                System.out.println("# " + line);
            }

            public void preparing(String w, int d, int n) {
                if (d == n) System.out.println("# " + w + " " + d);
            }

            public void step(int s, int n, Map<String, Object> x) {
                System.out.println(x);
            }

            public boolean stopRequested() {
                return false;
            }
        });
        System.out.println(r);
    }
}
