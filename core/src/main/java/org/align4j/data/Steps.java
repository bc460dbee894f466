package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import org.align4j.Words;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;

/** TRL's stepwise supervision: the {@code completions} are the steps of one answer, and {@code labels} says which are good. */
final class Steps {
    private Steps() {}

    static boolean in(Fields fields) {
        return fields.has("completions") && fields.row().path("labels").isArray();
    }

    static Example read(Fields fields) throws BadRowException {
        JsonNode labels = fields.list("labels");
        JsonNode steps = fields.list("completions");
        if (labels.size() != steps.size()) {
            throw fields.bad(
                    BadRows.Reason.LENGTHS_DIFFER,
                    "`labels` has %s for %s, expected one each"
                            .formatted(Words.count(labels.size(), "value"), Words.count(steps.size(), "completion")));
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            String place = "completions[%d]".formatted(i);
            Content text = new Content.Text(fields.text(steps.get(i), "`" + place + "`"));
            boolean good = fields.truth(labels.get(i), "labels[%d]".formatted(i));
            answers.add(new Answer(place, text, 0, Double.NaN, good));
        }
        if (answers.isEmpty()) {
            throw fields.bad(BadRows.Reason.EMPTY_COMPLETION, "`completions` has no steps, expected at least one");
        }
        return Example.of(
                Kind.STEPS, "prompt, completions, labels", new Content.Text(fields.prompt()), answers, fields);
    }
}
