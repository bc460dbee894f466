package org.align4j.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places of errors, spans, limits, and what a template must not reach. */
class TemplateTest {
    private static String render(String source) {
        return Template.parse(source).render(Map.of()).text();
    }

    private static TemplateException failure(String source) {
        return catchThrowableOfType(TemplateException.class, () -> render(source));
    }

    @Test
    void errorsSayWhere() {
        TemplateException syntax = failure("a\nbc {{ x + }}");
        assertThat(syntax.line()).isEqualTo(2);
        assertThat(syntax.column()).isEqualTo(11);
        assertThat(syntax).hasMessage("line 2, column 11: unexpected \"}}\", expected an expression");

        TemplateException evaluation = failure("{% if true %}\n  {{ 'a' + nope.b }}{% endif %}");
        assertThat(evaluation.line()).isEqualTo(2);
        assertThat(evaluation.column()).isEqualTo(16);
        assertThat(evaluation.reason()).isEqualTo("'nope' is undefined");
        assertThat(evaluation.raised()).isFalse();

        TemplateException open = failure("x\n{% for a in b %}\n");
        assertThat(open).hasMessage("line 2, column 4: this \"for\" is never closed, expected else or endfor");
    }

    @Test
    void aRefusalOfTheTemplateIsToldApart() {
        TemplateException refusal = failure("{{ raise_exception('no system role') }}");
        assertThat(refusal.raised()).isTrue();
        assertThat(refusal.reason()).isEqualTo("no system role");
    }

    @Test
    void spansCountCodeUnitsAndCodePoints() {
        String source = "😀{% generation %}b😀{% endgeneration %}c{% generation %}{% endgeneration %}";
        Rendered rendered =
                Template.parse(source).render(Map.of(), RenderOptions.defaults().withGenerationSpans());
        assertThat(rendered.text()).isEqualTo("😀b😀c");
        assertThat(rendered.generationSpans()).containsExactly(new Span(2, 5), new Span(6, 6));
        assertThat(rendered.generationSpans().get(0).inCodePoints(rendered.text()))
                .isEqualTo(new Span(1, 3));
        assertThat(Template.parse(source).render(Map.of()).generationSpans()).isEmpty();
    }

    @Test
    void aSpanWithoutAPlaceIsAnErrorOnlyWhenSpansAreWanted() {
        String source = "{% macro m() %}{% generation %}x{% endgeneration %}{% endmacro %}a{{ m() }}";
        assertThat(render(source)).isEqualTo("ax");
        assertThatThrownBy(() -> Template.parse(source)
                        .render(Map.of(), RenderOptions.defaults().withGenerationSpans()))
                .hasMessageContaining("the place of this generation block");
    }

    @Test
    void theClockIsTheCallers() {
        Clock clock = Clock.fixed(Instant.parse("2024-02-05T09:07:03Z"), ZoneOffset.UTC);
        String source =
                "{{ strftime_now('%d %b %Y|%A, %B %-d|%y %j %H:%M:%S|%I %p|%e|%U %W %V|%%|%F %T|%a %w %u|%Q') }}";
        assertThat(Template.parse(source)
                        .render(Map.of(), RenderOptions.defaults().withClock(clock))
                        .text())
                .isEqualTo(
                        "05 Feb 2024|Monday, February 5|24 036 09:07:03|09 AM| 5|05 06 06|%|2024-02-05 09:07:03|Mon 1 1|%Q");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 'a' * 10**9 }}",
                "{{ [1] * 10**9 }}",
                "{{ ('a' * 10**6) * 10**6 }}",
                "{{ 10 ** (10 ** 9) }}",
                "{% set ns = namespace(x=3) %}{% for i in range(99999) %}{% set ns.x = ns.x ** 2 %}{% endfor %}",
                "{% for a in range(10**5) %}{% for b in range(10**5) %}{% endfor %}{% endfor %}",
                "{% for a in range(10**5) %}{% for b in range(10**5) if false %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x.replace('a', 'aa') %}{% endfor %}",
                "{% set ns = namespace(x=['a']) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
                "{% set ns = namespace(x=[], y=[]) %}{% for i in range(100) %}{% set ns.x, ns.y = [ns.x, ns.x], [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
                "{% set ns = namespace(x=()) %}{% for i in range(100) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
                "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{{ ''.center(10**9) }}",
                "{{ 'a'.zfill(10**9) }}",
                "{{ '\\t'.expandtabs(10**9) }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ 'a' | indent(10**9, true) }}",
                "{{ [1] | batch(10**9, 0) | list }}",
                "{{ [1] | slice(10**9) | list }}",
                "{{ [[1]] | tojson(indent=10**9) }}",
                "{{ 'a'.join(['b' * 10**6] * 10**6) }}",
                "{{ range(10**9) }}",
                "{{ 'x' * 16000000 | list }}",
                "{% for c in 'x' * 16000000 %}{% endfor %}",
                "{{ ('\\x01' * 16000000) | tojson }}",
                "{% set ns = namespace() %}{% for i in range(10**9) %}{% set ns.x = [ns.x, joiner(), {i: 'a' | e}] %}{% endfor %}",
                "{{ (('a' * 10**6 + 'b') * 15) in ('a' * 16000000) }}{% for i in range(10**5) %}{{ 'ab' * 500000 == 'ab' * 500000 }}{% endfor %}",
            })
    void workAndTextAreBounded(String source) {
        RenderOptions options = RenderOptions.defaults().withLimits(5_000_000, 16_000_000);
        assertThatThrownBy(() -> Template.parse(source).render(Map.of(), options))
                .isInstanceOf(TemplateException.class);
    }

    @Test
    void deepNestingIsAnErrorNotAnOverflow() {
        Map<String, String> brackets = Map.of("(", ")", "[", "]", "{1:", "}", "x|e(", ")", "a[", "]", "x is eq(", ")");
        brackets.forEach((open, close) -> assertThatThrownBy(
                        () -> Template.parse("{{ " + open.repeat(50_000) + "1" + close.repeat(50_000) + " }}"))
                .as(open)
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nested"));
        for (String unit : List.of("not ", "-", "1 if 1 else ")) {
            assertThatThrownBy(() -> Template.parse("{{ " + unit.repeat(50_000) + "1 }}"))
                    .as(unit)
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("nested");
        }
        for (String unit : List.of("+1", "~1", "|e", ".a", "[0]", "()", " and 1", " == 1", " if 1", "**1")) {
            String source = "{{ 1" + unit.repeat(100_000) + " }}";
            assertThat(catchThrowableOfType(RuntimeException.class, () -> render(source)))
                    .as(unit)
                    .satisfiesAnyOf(
                            e -> assertThat(e).isNull(), e -> assertThat(e).isInstanceOf(TemplateException.class));
        }
        String ifs = "{% if true %}".repeat(50_000);
        assertThatThrownBy(() -> Template.parse(ifs)).hasMessageContaining("nested");
        String targets = "{% set " + "(".repeat(100_000) + "x" + ")".repeat(100_000) + " = 1 %}";
        assertThatThrownBy(() -> Template.parse(targets)).hasMessageContaining("nested");
    }

    @Test
    void longLiteralsAreErrorsOrTexts() {
        for (String number : List.of("9".repeat(100_000), "0x" + "f".repeat(100_000), "1_".repeat(50_000) + "1")) {
            assertThatThrownBy(() -> render("{{ " + number + " }}")).isInstanceOf(TemplateException.class);
        }
        assertThat(render("{{ 1." + "0".repeat(100_000) + " }}")).isEqualTo("1.0");
        assertThat(render("{{ '" + "a\\n".repeat(100_000) + "' | length }}")).isEqualTo("200000");
    }

    @Test
    void aTemplateLongerThanAnyModelsIsAnError() {
        assertThatThrownBy(() -> Template.parse("{% for i in x %}".repeat(100_000)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("longer than 1000000 characters");
    }

    /** Java's own change of case would take hours here. */
    @Test
    void changingTheCaseOfALongTextTakesLinearTime() {
        assertThat(render("{{ ('Σ' * 2000000) | lower | length }} {{ ('ß' * 2000000).upper() | length }}"))
                .isEqualTo("2000000 4000000");
    }

    @Test
    void aDeepVariableIsAnError() {
        List<Object> deep = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            deep = new ArrayList<>(Collections.singletonList(deep));
        }
        Map<String, Object> variables = Map.of("deep", deep);
        assertThatThrownBy(() -> Template.parse("{{ deep }}").render(variables)).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__ }}{{ ''.__class__.__mro__ }}",
                "{{ messages.getClass() }}",
                "{{ messages.class.name }}",
                "{{ range.__globals__['os'] }}",
                "{{ namespace.__init__.__globals__ }}",
                "{{ self._TemplateReference__context }}",
                "{{ '{0.__class__.__mro__}'.format(1) }}",
                "{{ dict.__base__.__subclasses__() }}",
                "{{ (messages | attr('append'))(1) }}",
                "{{ messages['append'](1) }}",
                "{{ messages[0].update(a=1) }}",
            })
    void nothingOutsideIsReached(String source) {
        Map<String, Object> variables = Map.of("messages", List.of(Map.of("role", "user")));
        assertThatThrownBy(() -> Template.parse(source).render(variables)).isInstanceOf(TemplateException.class);
    }

    @Test
    void variablesAreCopiedAndChecked() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("x", 1);
        variables.put("y", 1.5f);
        variables.put("z", null);
        assertThat(Template.parse("{{ x }} {{ y }} {{ z }}").render(variables).text())
                .isEqualTo("1 1.5 None");
        variables.put("x", new StringBuilder());
        assertThatThrownBy(() -> Template.parse("{{ x }}").render(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.StringBuilder");
    }
}
