package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The verified token of the call that this thread works for, kept to be forwarded to the next service on behalf of the same
 * subject. It goes where the thread's scope goes, like {@link dev.msk.core.CallContext}, and apart from it, so that it is
 * neither logged nor stored with it.
 *
 * <p>Immutable. Its {@link #toString()} does not tell the token.
 */
public final class BearerToken {

  private static final ThreadLocal<BearerToken> CURRENT = new ThreadLocal<>();

  private final String value;

  private BearerToken(String value) {
    this.value = value;
  }

  /**
   * A token that was verified.
   *
   * @param value as in {@code Authorization: Bearer}
   * @return the token
   */
  public static BearerToken of(String value) {
    return new BearerToken(requireNonNull(value, "value"));
  }

  /**
   * The token of this thread.
   *
   * @return empty outside of a call that brought one
   */
  public static Optional<BearerToken> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /**
   * The token itself.
   *
   * @return a secret; not to be logged
   */
  public String value() {
    return value;
  }

  /**
   * Makes this the token of this thread until the scope is closed, on the same thread.
   *
   * @return the scope; closing it makes current again what was current before
   */
  public Scope makeCurrent() {
    return replace(this);
  }

  /**
   * Takes the token of this thread away until the scope is closed, on the same thread.
   *
   * @return the scope
   */
  public static Scope clear() {
    return replace(null);
  }

  /**
   * A task that runs with this token.
   *
   * @param task what to run
   * @return the task
   */
  public Runnable wrap(Runnable task) {
    requireNonNull(task, "task");
    return () -> {
      try (Scope scope = makeCurrent()) {
        task.run();
      }
    };
  }

  /** Says that there is a token, and no more. */
  @Override
  public String toString() {
    return "BearerToken[secret]";
  }

  private static Scope replace(@Nullable BearerToken next) {
    BearerToken previous = CURRENT.get();
    set(next);
    return () -> set(previous);
  }

  private static void set(@Nullable BearerToken token) {
    if (token == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(token);
    }
  }
}
