package org.align4j.objective;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.align4j.AlignException;
import org.align4j.config.EditDistance;
import org.align4j.objective.Mixture.Part;

/** All objectives by name. A new one is its file and a line here. */
public final class Objectives {
    private static final Map<String, Function<Hyperparameters, Objective>> ALL = new LinkedHashMap<>();

    private static final Set<String> OF_SINGLE_COMPLETIONS = Set.of("kto", "bco", "apo_zero_unpaired");

    static {
        pairs("sigmoid", h -> new Dpo(h.beta(), h.labelSmoothing(), h.marginCoef(), divergence(h)));
        pairs("sigmoid_norm", h -> new NormalizedDpo(h.beta(), h.labelSmoothing(), divergence(h)));
        pairs("hinge", h -> new Hinge(h.beta(), divergence(h)));
        pairs("ipo", h -> new Ipo(h.beta(), h.ipoAveraged(), divergence(h)));
        pairs("exo_pair", h -> new ExoPair(h.beta(), h.labelSmoothing(), divergence(h)));
        pairs("robust", h -> new Robust(h.beta(), h.labelSmoothing(), divergence(h)));
        pairs("discopop", h -> new DiscoPop(h.beta(), h.discopopTau(), divergence(h)));
        pairs("nca_pair", h -> new NcaPair(h.beta()));
        list("bco_pair", h -> new BcoPair(h.beta(), rule(h), h.useWeighting(), h.bcoRunningDelta()));
        pairs("sppo_hard", h -> new Sppo(h.beta()));
        pairs("apo_zero", h -> new ApoZero(h.beta()));
        pairs("apo_down", h -> new ApoDown(h.beta()));
        list("aot", h -> new Aot(h.beta(), h.labelSmoothing(), true, rule(h)));
        list("aot_unpaired", h -> new Aot(h.beta(), h.labelSmoothing(), false, rule(h)));
        pairs("rdpo", h -> new LengthPenaltyDpo(h.beta(), h.rdpoAlpha()));
        pairs("dpop", h -> new Dpop(h.beta(), h.dpopLambda()));
        pairs("rao_kupper", h -> new RaoKupper(h.beta(), h.tieNu().orElse(3.0)));
        pairs("davidson", h -> new Davidson(h.beta(), h.tieNu().orElse(1.0)));
        pairs("simpo", h -> new SimPo(h.beta(), h.simpoGamma(), h.alphapoAlpha(), h.labelSmoothing()));
        list("orpo", h -> sum(over(h, new OddsRatio(h.beta())), h.beta(), nll(h, Nll.Mean.TOKENS, false), 1));
        list("cpo", h -> sum(withoutReference(h), 1, nll(h, Nll.Mean.TOKENS, false), h.cpoAlpha()));
        list("plackett_luce", h -> new PlackettLuce(h.beta()));
        list("best_of_n", h -> new BestOfN(h.beta()));
        list("lipo", h -> new Lipo(h.beta()));
        list("rrhf", h -> new Rrhf(h.beta()));
        list("infonca", h -> new InfoNca(h.beta(), h.scoreTemperature(), false));
        list("nca", h -> new InfoNca(h.beta(), h.scoreTemperature(), true));
        list("sft", h -> nll(h, Nll.Mean.TOKENS, !h.referenceFree()));
        list("nll", h -> nll(h, Nll.Mean.COMPLETIONS, !h.referenceFree()));
    }

    private Objectives() {}

    private static void pairs(String name, Function<Hyperparameters, PairObjective> factory) {
        ALL.put(name, h -> over(h, factory.apply(h)));
    }

    private static void list(String name, Function<Hyperparameters, Objective> factory) {
        ALL.put(name, factory);
    }

    private static Objective over(Hyperparameters h, PairObjective objective) {
        boolean free = objective.worksWithoutReference() && h.referenceFree();
        return new OverPairs(objective, rule(h), h.useWeighting(), free);
    }

    private static Objective withoutReference(Hyperparameters h) {
        return new OverPairs(new Dpo(h.beta(), h.labelSmoothing()), rule(h), h.useWeighting(), true);
    }

    private static Objective nll(Hyperparameters h, Nll.Mean mean, boolean compared) {
        return new Nll(h.beta(), mean, compared);
    }

    private static Objective sum(Objective a, double weightOfA, Objective b, double weightOfB) {
        return new Mixture(List.of(new Part(a, weightOfA), new Part(b, weightOfB)));
    }

    private static PairRule rule(Hyperparameters h) {
        return new PairRule(h.rankingPairs(), h.ldAlpha().orElse(1.0));
    }

    private static Divergence divergence(Hyperparameters h) {
        Divergence.Kind kind = h.fDivergenceType();
        return new Divergence(kind, kind == Divergence.Kind.ALPHA_DIVERGENCE ? h.fAlphaDivergenceCoef() : 0);
    }

    /** All names, in the order of the documentation. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * The objective of a list of names.
     *
     * @param names separated by commas
     * @param weights likewise, one for each name; absent: 1 each
     * @param rpoAlpha weight of an NLL over the tokens of the best completions, besides
     * @throws AlignException for an unknown name, a value out of range, or one that was changed from its default and that
     *     none of the objectives uses
     */
    public static Objective of(
            String names, Optional<String> weights, Optional<Double> rpoAlpha, Hyperparameters hyperparameters) {
        Set<String> used = new HashSet<>();
        Hyperparameters watched = watched(hyperparameters, used);
        List<String> list = split(names);
        List<Double> factors = weights.map(Objectives::numbers).orElse(java.util.Collections.nCopies(list.size(), 1.0));
        if (factors.size() != list.size()) {
            throw AlignException.usage("loss_weights has " + factors.size() + " numbers for " + list.size()
                    + " names in loss_type, expected one each");
        }
        List<Part> parts = parts("loss_type", list, factors, watched);
        if (rpoAlpha.isPresent()) {
            Check.notNegative("rpo_alpha", rpoAlpha.get());
            parts.add(new Part(nll(watched, Nll.Mean.TOKENS, false), rpoAlpha.get()));
        }
        requireUsed(hyperparameters, used, "loss_type", names);
        boolean plain = parts.size() == 1 && parts.get(0).weight() == 1;
        return plain ? parts.get(0).objective() : new Mixture(parts);
    }

    /**
     * An objective for each part of the examples.
     *
     * @param weights one for each name
     * @throws AlignException as {@link #of} does
     */
    public static Objective bySource(List<String> names, List<Double> weights, Hyperparameters hyperparameters) {
        Set<String> used = new HashSet<>();
        List<Part> parts = parts("data_loss_types", names, weights, watched(hyperparameters, used));
        requireUsed(hyperparameters, used, "data_loss_types", String.join(",", names));
        boolean plain = parts.size() == 1 && parts.get(0).weight() == 1;
        return plain ? parts.get(0).objective() : new BySource(parts);
    }

    private static List<Part> parts(
            String key, List<String> names, List<Double> weights, Hyperparameters hyperparameters) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Function<Hyperparameters, Objective> factory = ALL.get(names.get(i));
            if (factory == null) {
                throw unknown(key, names.get(i));
            }
            parts.add(new Part(factory.apply(hyperparameters), weights.get(i)));
        }
        return parts;
    }

    private static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        for (String part : list.split(",")) {
            parts.add(part.strip().toLowerCase(Locale.ROOT).replace('-', '_'));
        }
        return parts;
    }

    private static List<Double> numbers(String list) {
        List<Double> numbers = new ArrayList<>();
        for (String part : list.split(",")) {
            try {
                numbers.add(Double.valueOf(part.strip()));
            } catch (NumberFormatException e) {
                throw AlignException.usage("loss_weights is \"" + list + "\", expected numbers, separated by commas");
            }
        }
        return numbers;
    }

    private static AlignException unknown(String key, String name) {
        String problem = key + " names \"" + name + "\", ";
        if (OF_SINGLE_COMPLETIONS.contains(name)) {
            return AlignException.usage(problem
                    + "which judges single completions called good or bad, not preferences; train with align4j kto"
                    + " --loss-type " + name);
        }
        String nearest = EditDistance.nearest(name, ALL.keySet());
        return AlignException.usage(problem + "which is not known; "
                + (nearest == null
                        ? "expected some of " + String.join(", ", ALL.keySet())
                        : "did you mean " + nearest + "?"));
    }

    /** The same, noting which are asked for. */
    private static Hyperparameters watched(Hyperparameters of, Set<String> used) {
        return (Hyperparameters) Proxy.newProxyInstance(
                Objectives.class.getClassLoader(),
                new Class<?>[] {Hyperparameters.class},
                (proxy, method, arguments) -> {
                    used.add(method.getName());
                    return value(method, of);
                });
    }

    /** A setting that nothing looks at is a mistake that nobody would see: newer TRL ignores them. */
    private static void requireUsed(Hyperparameters settings, Set<String> used, String lossKey, String names) {
        Hyperparameters defaults = new Hyperparameters() {};
        for (Method method : Hyperparameters.class.getDeclaredMethods()) {
            if (!used.contains(method.getName()) && !value(method, settings).equals(value(method, defaults))) {
                String key = method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
                throw AlignException.usage(key + " is given, but " + lossKey + " " + names
                        + " does not use it; leave it out or choose another loss");
            }
        }
    }

    private static Object value(Method method, Hyperparameters settings) {
        try {
            return method.invoke(settings);
        } catch (InvocationTargetException | IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
