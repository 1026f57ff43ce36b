package dev.msk.messaging;

import java.sql.Connection;

/** What a consumer does with an event, in the transaction in which the inbox remembers it. */
@FunctionalInterface
public interface EventHandler {

  /**
   * Makes the event's effect. Effects in the database go through the connection that is given and
   * happen exactly once; effects elsewhere may be repeated.
   *
   * @param tx the inbox's transaction; must be neither committed nor closed here
   * @param event the event
   * @throws Exception when the effect could not be made: everything is rolled back, and the event is
   *     tried again
   */
  void handle(Connection tx, EventEnvelope event) throws Exception;
}
