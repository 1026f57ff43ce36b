package dev.msk.security.jdbc;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The table of {@link JdbcApiKeyStore} as numbered SQL: {@code api_key}, with the configured prefix.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/security/postgresql} instead; see the README of msk-core.
 */
public final class SecuritySchema {

  private static final SchemaScripts SCRIPTS =
      SchemaScripts.of("security", SecuritySchema.class, "V001__api_key.sql");

  private SecuritySchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller} or Flyway.
   *
   * @return the scripts of module {@code security}
   */
  public static SchemaScripts scripts() {
    return SCRIPTS;
  }
}
