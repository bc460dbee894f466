package org.align4j.recipe;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/** placeholder until ConfigSchema */
final class Configs {
    static Map<String, Object> toMap(Record config) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (RecordComponent c : config.getClass().getRecordComponents()) {
            try {
                Object v = c.getAccessor().invoke(config);
                if (v instanceof java.util.Optional<?> o) v = o.orElse(null);
                if (v instanceof Enum<?> e) v = e.name().toLowerCase(java.util.Locale.ROOT);
                if (v != null) map.put(c.getName().replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT), v);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
        return map;
    }
}
