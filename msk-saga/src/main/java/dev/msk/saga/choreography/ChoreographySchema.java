package dev.msk.saga.choreography;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The tables of {@link Choreography} as numbered SQL: {@code choreography_instance}, {@code choreography_kept}, {@code
 * choreography_timer}, {@code choreography_audit}, each with the configured prefix. They need the tables of msk-messaging and the leases of
 * msk-core beside them, and none of the coordinator's.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/saga-choreography/postgresql} instead; see the README of msk-core.
 */
public final class ChoreographySchema {

  private static final SchemaScripts SCRIPTS =
      SchemaScripts.of("saga-choreography", ChoreographySchema.class, "V001__choreography.sql");

  private ChoreographySchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller} or Flyway.
   *
   * @return the scripts of module {@code saga-choreography}
   */
  public static SchemaScripts scripts() {
    return SCRIPTS;
  }
}
