package org.align4j.template;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code keys()}, {@code values()} or {@code items()} of a dict: can be gone through and has a length, but no elements. */
final class DictView extends AbstractCollection<Object> {
    private final String kind;
    private final List<Object> elements;

    private DictView(String kind, List<Object> elements) {
        this.kind = kind;
        this.elements = elements;
    }

    static DictView keys(Map<?, ?> map) {
        return new DictView("dict_keys", new ArrayList<>(map.keySet()));
    }

    static DictView values(Map<?, ?> map) {
        return new DictView("dict_values", new ArrayList<>(map.values()));
    }

    static DictView items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return new DictView("dict_items", items);
    }

    String kind() {
        return kind;
    }

    List<Object> elements() {
        return elements;
    }

    @Override
    public Iterator<Object> iterator() {
        return elements.iterator();
    }

    @Override
    public int size() {
        return elements.size();
    }
}
