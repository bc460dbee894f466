package org.align4j.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes all keys of another record keys of this one: what several commands have in common is written once. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Keys {
    /** Defaults that differ here, as {@code key=value}. */
    String[] defaults() default {};
}
