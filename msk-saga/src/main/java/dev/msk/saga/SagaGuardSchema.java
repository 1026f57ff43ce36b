package dev.msk.saga;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The table of {@link SagaGuard} as numbered SQL: {@code saga_guard}, with the configured prefix. For databases of participants,
 * which need none of the coordinator's tables.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/saga-guard/postgresql} instead; see the README of msk-core.
 */
public final class SagaGuardSchema {

  private static final SchemaScripts SCRIPTS =
      SchemaScripts.of("saga-guard", SagaGuardSchema.class, "V001__guard.sql");

  private SagaGuardSchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller} or Flyway.
   *
   * @return the scripts of module {@code saga-guard}
   */
  public static SchemaScripts scripts() {
    return SCRIPTS;
  }
}
