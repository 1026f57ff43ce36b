package dev.msk.messaging;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The table of {@link dev.msk.messaging.jdbc.PostgresPayloadStore} as numbered SQL: {@code payload}, with the
 * configured prefix. Only services with a {@link ClaimCheck} need it, so it is numbered by itself.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/messaging-payload/postgresql}.
 */
public final class PayloadSchema {

  private PayloadSchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller}.
   *
   * @return the table of payloads
   */
  public static SchemaScripts scripts() {
    return SchemaScripts.of("messaging-payload", PayloadSchema.class, "V001__payload.sql");
  }
}
