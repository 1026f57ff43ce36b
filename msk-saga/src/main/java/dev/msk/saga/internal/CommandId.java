package dev.msk.saga.internal;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of a command, which is its event's id and its reply's causationid: {@code <saga id>/<step>} forward,
 * {@code <saga id>/<step>/undo} back.
 */
public record CommandId(UUID saga, String step, boolean undo) {

  private static final Pattern TEXT = Pattern.compile(
      "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([a-z][a-z0-9-]{0,63})(/undo)?");

  public static Optional<CommandId> parse(String text) {
    Matcher id = TEXT.matcher(text);
    return id.matches()
        ? Optional.of(new CommandId(UUID.fromString(id.group(1)), id.group(2), id.group(3) != null))
        : Optional.empty();
  }

  /** The step's idempotency key, in both directions. */
  static String key(UUID saga, String step) {
    return saga + "/" + step;
  }

  @Override
  public String toString() {
    return key(saga, step) + (undo ? "/undo" : "");
  }
}
