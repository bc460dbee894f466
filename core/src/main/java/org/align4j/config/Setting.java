package org.align4j.config;

/**
 * A value as a user wrote it.
 *
 * @param origin where, for messages: {@code --beta}, {@code run.yaml:12}
 */
public record Setting(String value, String origin) {}
