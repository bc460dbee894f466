package org.align4j.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a record component a configuration key. The key is the component's name in snake case: {@code learningRate} is
 * {@code learning_rate} in files and {@code --learning-rate} on the command line, {@code loadIn4bit} is {@code load_in_4bit}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** The default, written as a user would; empty for an {@link java.util.Optional} that is absent by default. */
    String value() default "";

    /** What it does, in one line. */
    String doc();

    /** Whether there is no default. */
    boolean required() default false;

    /** Whether the option may be given several times; the values are then lines of one, or of a list. */
    boolean repeatable() default false;

    /** The key without which it has no effect: as an option it is then refused, in a file, as recipes have it, it may stay. */
    String needs() default "";

    /** What {@code hub:owner/name} means here, for keys that name files. */
    HubUse hub() default HubUse.NONE;
}
