package org.align4j.template;

import java.util.List;
import java.util.Map;

/**
 * A chat template as models on the Hugging Face hub carry one: Jinja 3.1 in the environment that transformers sets up
 * (immutable sandbox, {@code trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, its own
 * {@code tojson}). What is rendered equals what transformers renders, byte for byte. Immutable; may be shared by threads.
 *
 * <p>Not there, because a chat template has no use for it: inheritance and inclusion ({@code block}, {@code extends},
 * {@code include}, {@code import}) and {@code autoescape}.
 */
public final class Template {
    /** Far more than any model's. */
    private static final int MAX_LENGTH = 1_000_000;

    private final String source;
    private final List<Stmt> body;

    private Template(String source, List<Stmt> body) {
        this.source = source;
        this.body = body;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if it is no template of this dialect
     */
    public static Template parse(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new TemplateException("the template is longer than " + MAX_LENGTH + " characters", "", 0, false);
        }
        String text = Lexer.normalize(source);
        try {
            return new Template(text, new Parser(text).template());
        } catch (StackOverflowError e) {
            throw new TemplateException("the template is nested too deeply", text, 0, false);
        }
    }

    /** Renders with {@link RenderOptions#defaults()}. */
    public Rendered render(Map<String, ?> variables) {
        return render(variables, RenderOptions.defaults());
    }

    /**
     * Renders.
     *
     * @param variables by name: null, booleans, numbers, text, and lists and maps of these; they are copied
     * @throws TemplateException if the template errs, refuses its input, or exceeds a limit
     * @throws IllegalArgumentException if a variable holds a value of another type
     */
    public Rendered render(Map<String, ?> variables, RenderOptions options) {
        Render render = new Render(source, options);
        try {
            return render.run(body, variables);
        } catch (StackOverflowError e) {
            // Statements and expressions count their depth; lists in lists in lists, which a loop can build, do not.
            throw new TemplateException("a value is nested too deeply", source, 0, false);
        }
    }
}
