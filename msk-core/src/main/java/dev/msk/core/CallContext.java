package dev.msk.core;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.CurrentContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a call carries from one service to the next: which business flow it belongs to, which workload calls, for which end
 * user, by when the answer is wanted, and whether somebody makes the call again if it fails.
 *
 * <p>Immutable. The current context belongs to a thread and is not inherited by threads it starts: {@code wrap} a task to take
 * the context along. It says what was claimed or verified by whoever built it; it proves nothing by itself.
 */
public final class CallContext {

  /** The longest correlation id, in characters. */
  public static final int MAX_CORRELATION_ID_LENGTH = 128;

  /** The longest caller, in characters, which is the longest SPIFFE id. */
  public static final int MAX_CALLER_LENGTH = 2048;

  /** The longest subject, in characters. */
  public static final int MAX_SUBJECT_LENGTH = 256;

  private static final CallContext EMPTY = new CallContext(new Builder());

  private final @Nullable String correlationId;
  private final @Nullable String caller;
  private final @Nullable String subject;
  private final @Nullable Deadline deadline;
  private final boolean retriedUpstream;

  private CallContext(Builder builder) {
    this.correlationId = builder.correlationId;
    this.caller = builder.caller;
    this.subject = builder.subject;
    this.deadline = builder.deadline;
    this.retriedUpstream = builder.retriedUpstream;
  }

  /**
   * The context with nothing in it.
   *
   * @return always the same object
   */
  public static CallContext empty() {
    return EMPTY;
  }

  /**
   * The context of this thread.
   *
   * @return what was made current last, or the empty context
   */
  public static CallContext current() {
    CurrentContext.Source current = CurrentContext.get();
    return current == null ? EMPTY : current.context();
  }

  /**
   * Starts a context with nothing in it.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts a context with everything that this one has.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.correlationId = correlationId;
    copy.caller = caller;
    copy.subject = subject;
    copy.deadline = deadline;
    copy.retriedUpstream = retriedUpstream;
    return copy;
  }

  /**
   * The business flow that the call belongs to.
   *
   * @return the correlation id, if there is one
   */
  public Optional<String> correlationId() {
    return Optional.ofNullable(correlationId);
  }

  /**
   * The workload that calls, for example {@code spiffe://shop.example/orders}.
   *
   * @return the identity of the calling workload, if it is known
   */
  public Optional<String> caller() {
    return Optional.ofNullable(caller);
  }

  /**
   * The end user on whose behalf the call is made.
   *
   * @return the subject, if there is one
   */
  public Optional<String> subject() {
    return Optional.ofNullable(subject);
  }

  /**
   * When the answer stops being of use.
   *
   * @return the deadline, if there is one
   */
  public Optional<Deadline> deadline() {
    return Optional.ofNullable(deadline);
  }

  /**
   * Time until the deadline.
   *
   * @return what is left, zero once it has passed, empty without a deadline
   */
  public Optional<Duration> remaining() {
    return deadline == null ? Optional.empty() : Optional.of(deadline.remaining());
  }

  /**
   * Whether somebody upstream makes the call again if it fails, so that those on the way need not: of a chain of services one
   * retries.
   *
   * @return true if so
   */
  public boolean retriedUpstream() {
    return retriedUpstream;
  }

  /**
   * Makes this the context of this thread until the scope is closed.
   *
   * @return the scope; closing it makes current again what was current before, closing it on another thread throws
   *     {@link IllegalStateException}
   */
  public Scope makeCurrent() {
    CurrentScope scope = new CurrentScope(this, CurrentContext.get());
    CurrentContext.set(scope);
    return scope;
  }

  /**
   * A task that runs with this context.
   *
   * @param task what to run
   * @return the task in this context
   */
  public Runnable wrap(Runnable task) {
    requireNonNull(task, "task");
    return () -> {
      try (Scope scope = makeCurrent()) {
        task.run();
      }
    };
  }

  /**
   * A task that runs with this context.
   *
   * @param task what to run
   * @param <T> what it returns
   * @return the task in this context
   */
  public <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
    requireNonNull(task, "task");
    return () -> {
      try (Scope scope = makeCurrent()) {
        return task.call();
      }
    };
  }

  /**
   * An executor whose tasks all run with this context, whatever is current where they are handed in.
   *
   * @param executor runs the tasks
   * @return the executor in this context
   */
  public Executor wrap(Executor executor) {
    requireNonNull(executor, "executor");
    return task -> executor.execute(wrap(task));
  }

  @Override
  public String toString() {
    return "CallContext[correlationId=" + correlationId + ", caller=" + caller + ", subject="
        + subject + ", deadline=" + deadline + ", retriedUpstream=" + retriedUpstream + "]";
  }

  private static final class CurrentScope implements Scope, CurrentContext.Source {

    private final Thread thread = Thread.currentThread();
    private final CallContext context;
    private final CurrentContext.@Nullable Source previous;
    private boolean closed;

    CurrentScope(CallContext context, CurrentContext.@Nullable Source previous) {
      this.context = context;
      this.previous = previous;
    }

    @Override
    public CallContext context() {
      return context;
    }

    @Override
    public void close() {
      if (Thread.currentThread() != thread) {
        throw new IllegalStateException(
            "scope: closed by thread " + Thread.currentThread().getName() + " (expected: "
                + thread.getName() + ", which opened it)");
      }
      if (!closed) {
        closed = true;
        CurrentContext.set(previous);
      }
    }
  }

  /** Collects the parts of a context; each is checked as it is given. Confined to one thread. */
  public static final class Builder {

    private @Nullable String correlationId;
    private @Nullable String caller;
    private @Nullable String subject;
    private @Nullable Deadline deadline;
    private boolean retriedUpstream;

    private Builder() {}

    /**
     * Sets the business flow; none by default.
     *
     * @param value 1 to {@value CallContext#MAX_CORRELATION_ID_LENGTH} characters, no control characters
     * @return this
     * @throws IllegalArgumentException if the value is out of bounds
     */
    public Builder correlationId(String value) {
      this.correlationId = checked("correlationId", value, MAX_CORRELATION_ID_LENGTH);
      return this;
    }

    /**
     * Sets the calling workload; none by default.
     *
     * @param value 1 to {@value CallContext#MAX_CALLER_LENGTH} characters, no control characters
     * @return this
     * @throws IllegalArgumentException if the value is out of bounds
     */
    public Builder caller(String value) {
      this.caller = checked("caller", value, MAX_CALLER_LENGTH);
      return this;
    }

    /**
     * Sets the end user; none by default.
     *
     * @param value 1 to {@value CallContext#MAX_SUBJECT_LENGTH} characters, no control characters
     * @return this
     * @throws IllegalArgumentException if the value is out of bounds
     */
    public Builder subject(String value) {
      this.subject = checked("subject", value, MAX_SUBJECT_LENGTH);
      return this;
    }

    /**
     * Sets the deadline; none by default.
     *
     * @param value when the answer stops being of use
     * @return this
     */
    public Builder deadline(Deadline value) {
      this.deadline = requireNonNull(value, "deadline");
      return this;
    }

    /**
     * Sets whether somebody upstream makes the call again if it fails; false by default.
     *
     * @param value true if so
     * @return this
     */
    public Builder retriedUpstream(boolean value) {
      this.retriedUpstream = value;
      return this;
    }

    /**
     * Builds the context.
     *
     * @return the context
     */
    public CallContext build() {
      return new CallContext(this);
    }

    private static String checked(String name, String value, int max) {
      requireNonNull(value, name);
      if (value.isEmpty() || value.length() > max) {
        throw new IllegalArgumentException(
            name + ": " + value.length() + " characters (expected: 1 to " + max + ")");
      }
      for (int i = 0; i < value.length(); i++) {
        if (Character.isISOControl(value.charAt(i))) {
          throw new IllegalArgumentException(
              name + ": control character at index " + i + " (expected: printable characters)");
        }
      }
      return value;
    }
  }
}
