package dev.msk.saga;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The tables of this module as numbered SQL: {@code saga}, {@code saga_step}, {@code saga_reply}, {@code saga_definition},
 * {@code saga_audit}, {@code saga_target}, {@code saga_target_queue}, each with the configured prefix. Commands need the tables of msk-messaging, ownership those of msk-core.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/saga/postgresql} instead; see the README of msk-core.
 */
public final class SagaSchema {

  private static final SchemaScripts SCRIPTS = SchemaScripts.of(
      "saga",
      SagaSchema.class,
      "V001__saga.sql",
      "V002__cancel_and_waits.sql",
      "V003__rested_at.sql",
      "V004__target.sql",
      "V005__parent.sql",
      "V006__longer_arrows.sql");

  private SagaSchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller} or Flyway.
   *
   * @return the scripts of module {@code saga}
   */
  public static SchemaScripts scripts() {
    return SCRIPTS;
  }
}
