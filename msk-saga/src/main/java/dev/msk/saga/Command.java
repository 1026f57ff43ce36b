package dev.msk.saga;

import static java.util.Objects.requireNonNull;

/**
 * What a participant is asked to do, by a message.
 *
 * @param type of the event that carries it, for example {@code payment.capture}
 * @param key commands of one key keep their order; becomes {@code subject} and {@code partitionkey}
 * @param payload encoded by the coordinator's codec
 */
public record Command(String type, String key, Object payload) {

  /**
   * Checks that nothing is missing.
   *
   * @param type of the event
   * @param key of the event
   * @param payload of the event
   */
  public Command {
    requireNonNull(type, "type");
    requireNonNull(key, "key");
    requireNonNull(payload, "payload");
  }

  /**
   * A command.
   *
   * @param type of the event that carries it
   * @param key commands of one key keep their order
   * @param payload encoded by the coordinator's codec
   * @return the command
   */
  public static Command of(String type, String key, Object payload) {
    return new Command(type, key, payload);
  }
}
