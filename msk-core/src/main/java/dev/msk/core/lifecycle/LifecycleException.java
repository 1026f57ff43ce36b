package dev.msk.core.lifecycle;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Lifecycle} did not get up: a part failed to start, or somebody closed it meanwhile ({@link #closed()}). When it is
 * thrown, every part that was up has been stopped; what went wrong at that is suppressed in it.
 */
public final class LifecycleException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Its name. */
  private final String lifecycle;

  /** The name of the part, null between two parts. */
  private final @Nullable String part;

  /** Whether it was closed, rather than failed. */
  private final boolean closed;

  private LifecycleException(
      String lifecycle,
      @Nullable String part,
      boolean closed,
      String message,
      @Nullable Throwable cause) {
    super(message, cause);
    this.lifecycle = lifecycle;
    this.part = part;
    this.closed = closed;
  }

  static LifecycleException failed(String lifecycle, String part, Throwable cause) {
    return new LifecycleException(
        lifecycle, part, false, lifecycle + ": " + part + " did not start: " + cause, cause);
  }

  static LifecycleException closed(
      String lifecycle, @Nullable String part, @Nullable Throwable cause) {
    String where = part == null ? "" : " (at " + part + ")";
    return new LifecycleException(
        lifecycle, part, true, lifecycle + ": closed while starting" + where, cause);
  }

  /**
   * Which lifecycle.
   *
   * @return its name
   */
  public String lifecycle() {
    return lifecycle;
  }

  /**
   * Which part was being started.
   *
   * @return its name; empty if the lifecycle was closed between two parts
   */
  public Optional<String> part() {
    return Optional.ofNullable(part);
  }

  /**
   * Whether it ended because it was closed, by a signal for instance, rather than by a fault.
   *
   * @return false if a part failed
   */
  public boolean closed() {
    return closed;
  }
}
