package org.align4j.objective;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** An objective made of others: it needs and remembers what they do. Rewards are the first one's. */
interface Compound extends Objective {
    List<Mixture.Part> parts();

    @Override
    default Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        parts().forEach(part -> needs.addAll(part.objective().needs()));
        return needs;
    }

    @Override
    default double reward(double logp, double referenceLogp, int length) {
        return parts().get(0).objective().reward(logp, referenceLogp, length);
    }

    @Override
    default int memorySize() {
        return parts().stream().mapToInt(part -> part.objective().memorySize()).sum();
    }
}
