package dev.msk.messaging;

import dev.msk.core.jdbc.SchemaScripts;

/**
 * The tables of this module as numbered SQL: {@code outbox}, {@code outbox_delayed}, {@code outbox_cursor}, {@code inbox},
 * {@code inbox_0} to {@code inbox_9}, {@code inbox_watermark}, {@code dead_letter}, {@code dead_letter_history}, each with the configured prefix.
 *
 * <p>Flyway users add the location {@code classpath:META-INF/msk/schema/messaging/postgresql} instead; see
 * the README of msk-core.
 */
public final class MessagingSchema {

  private MessagingSchema() {}

  /**
   * The scripts, for {@link dev.msk.core.jdbc.SchemaInstaller}.
   *
   * @return outbox and inbox, in this order
   */
  public static SchemaScripts scripts() {
    return SchemaScripts.of(
        "messaging", MessagingSchema.class, "V001__outbox.sql", "V002__inbox.sql");
  }
}
