package org.align4j.template;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever a template is, it renders or is a {@link TemplateException}, soon. */
class FuzzTest {
    private static final int MUTANTS = 20_000;
    private static final int SOUPS = 20_000;
    private static final List<String> WORDS = List.of(
            ("{{ }} {% %} {# #} {%- -%} {{- -}} {%+ if elif else endif for in endfor set endset macro endmacro call endcall"
                            + " filter endfilter with endwith generation endgeneration break continue recursive raw endraw"
                            + " not and or is defined none true false loop loop.index loop.last caller namespace ns ns.x"
                            + " messages m m.role m['content'] range(3) x y 0 1 2.5 'a' \"b\" 'é😀' ( ) [ ] { } , : . | ~ + -"
                            + " * / // % ** == != < <= > >= = upper tojson map( select( join( default( length list first"
                            + " replace( 'role' .split( .items() .get( [::-1] [1:] raise_exception( \\ ' \" 9**99 format("
                            + " -1 99999999999 1e308 0.5 '%c' '{:c}' '{:>99999999}' '%*d' .center( .zfill( *9999999 ns.ns range(10**9)"
                            + " |batch( |slice( |indent( |center( |round( |int( cycler( joiner() dict( **x *y safe groupby( unique"
                            + " 'Σß' .lower() .title() strftime_now( '%Y%' .__class__ ['append'] attr( varargs kwargs")
                    .split(" "));
    private static final Map<String, Object> VARIABLES = Map.of(
            "messages",
            List.of(Map.of("role", "user", "content", "Hi 😀"), Map.of("role", "assistant", "content", "Yo")),
            "m",
            Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", "x"))),
            "x",
            7L,
            "y",
            List.of(1L, 2.5, "z"));

    @Test
    void mutatedTemplates() {
        List<String> seeds = new ArrayList<>();
        Goldens.read("expressions.json")
                .get("cases")
                .forEach(each -> seeds.add(each.get("template").stringValue()));
        Goldens.read("chat/rendered.json")
                .get("rendered")
                .propertyNames()
                .forEach(name -> seeds.add(Goldens.text(Goldens.FOLDER.resolve("chat/" + name + ".jinja"))));
        Random random = new Random(1);
        for (int i = 0; i < MUTANTS; i++) {
            StringBuilder mutant = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
            for (int n = random.nextInt(4); n >= 0; n--) {
                mutate(mutant, random, seeds);
            }
            check(mutant.toString());
        }
    }

    private static void mutate(StringBuilder text, Random random, List<String> seeds) {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(12));
        switch (random.nextInt(5)) {
            case 0 -> text.delete(from, to);
            case 1 -> text.insert(from, text.substring(from, to));
            case 2 -> text.insert(from, WORDS.get(random.nextInt(WORDS.size())));
            case 3 -> text.replace(from, to, " " + WORDS.get(random.nextInt(WORDS.size())) + " ");
            default -> {
                String other = seeds.get(random.nextInt(seeds.size()));
                int begin = random.nextInt(other.length() + 1);
                text.insert(from, other, begin, Math.min(other.length(), begin + random.nextInt(30)));
            }
        }
    }

    @Test
    void randomWords() {
        Random random = new Random(2);
        for (int i = 0; i < SOUPS; i++) {
            StringBuilder soup = new StringBuilder(random.nextBoolean() ? "{{ " : "{% ");
            for (int n = random.nextInt(30); n >= 0; n--) {
                soup.append(WORDS.get(random.nextInt(WORDS.size()))).append(random.nextInt(4) == 0 ? "" : " ");
            }
            check(soup.append(random.nextBoolean() ? " }}" : " %}").toString());
        }
    }

    private static void check(String source) {
        try {
            Template.parse(source).render(VARIABLES, RenderOptions.defaults().withLimits(200_000, 200_000));
        } catch (TemplateException e) {
            // as it should be
        } catch (RuntimeException | Error e) {
            fail("not a TemplateException for: " + source, e);
        }
    }
}
