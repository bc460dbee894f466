package org.align4j.recipe;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.*;
import org.align4j.config.Key;

final class Tmp {
    static DpoConfig config(Map<String, String> in) {
        try {
            RecordComponent[] cs = DpoConfig.class.getRecordComponents();
            Object[] a = new Object[cs.length];
            Class<?>[] t = new Class<?>[cs.length];
            for (int i = 0; i < cs.length; i++) {
                String k = cs[i].getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
                String v = in.getOrDefault(k, cs[i].getAnnotation(Key.class).value());
                Class<?> c = cs[i].getType();
                t[i] = c;
                if (c == Optional.class) a[i] = v.isEmpty() ? Optional.empty() : Optional.of(Path.of(v));
                else if (c == Path.class) a[i] = Path.of(v);
                else if (c == int.class) a[i] = Integer.parseInt(v);
                else if (c == long.class) a[i] = Long.parseLong(v);
                else if (c == double.class) a[i] = Double.parseDouble(v);
                else if (c == boolean.class) a[i] = Boolean.parseBoolean(v);
                else for (Object e : c.getEnumConstants()) if (e.toString().equalsIgnoreCase(v)) a[i] = e;
            }
            return DpoConfig.class.getDeclaredConstructor(t).newInstance(a);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] args) {
        Map<String, String> m = new HashMap<>();
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
