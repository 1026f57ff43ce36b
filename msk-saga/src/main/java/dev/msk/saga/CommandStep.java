package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.ReplyReader;
import dev.msk.saga.internal.StepBody;
import dev.msk.saga.spi.SagaReply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A step by a message and its answer. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> the step's output
 */
public final class CommandStep<S, O> extends StepBuilder<S, O, CommandStep<S, O>> {

  private static final int MAX_REASON = 500;

  private final Function<S, Command> command;
  private final Class<O> replyType;
  private final Set<String> rejecting = new HashSet<>();
  private @Nullable Function<S, Command> compensation;

  CommandStep(StepStart<S> start, Function<S, Command> command, Class<O> replyType) {
    super(start, Duration.ofMinutes(5));
    this.command = command;
    this.replyType = replyType;
  }

  /**
   * Sets the command that undoes the step; the saga waits for its answer, whose data it does not read. It is sent also when nobody
   * knows whether the step took place; its {@code causationid} is the id of the command to undo.
   *
   * @param compensation makes the command
   * @return this
   */
  public CommandStep<S, O> compensate(Function<S, Command> compensation) {
    this.compensation = requireNonNull(compensation, "compensation");
    return withBackward();
  }

  /**
   * Sets how long to wait for an answer before the command is sent again, with the same id; 5 min by default. The retry policy
   * says how often it is sent; its waits have no meaning here.
   *
   * @param value at least 1 ms
   * @return this
   */
  public CommandStep<S, O> timeout(Duration value) {
    this.timeout = requireNonNull(value, "timeout");
    return withBackward();
  }

  /**
   * Takes an answer of these types for a definite no. Every other answer says that the effect took place.
   *
   * @param eventTypes of answers, for example {@code payment.declined}
   * @return this
   */
  public CommandStep<S, O> rejectOn(String... eventTypes) {
    rejecting.addAll(Set.of(eventTypes));
    return withBackward();
  }

  private CommandStep<S, O> withBackward() {
    Function<S, Command> undo = compensation;
    if (undo != null) {
      Set<String> no = Set.copyOf(rejecting);
      this.backward = new StepBody.Send<>(
          undo,
          (codec, reply, state) ->
              no.contains(reply.type()) ? Outcome.rejected(reason(reply)) : Outcome.done(state),
          timeout);
    }
    return this;
  }

  @Override
  StepBody<S> forward() {
    Set<String> no = Set.copyOf(rejecting);
    return new StepBody.Send<>(
        command,
        (codec, reply, state) -> no.contains(reply.type())
            ? Outcome.rejected(reason(reply))
            : Outcome.done(apply.apply(state, ReplyReader.decode(codec, reply, replyType))),
        timeout);
  }

  static String reason(SagaReply reply) {
    byte[] data = reply.data();
    String text = data == null ? "" : " " + new String(data, StandardCharsets.UTF_8);
    String reason = reply.type() + text.replace('\0', '\uFFFD');
    return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON);
  }

  @Override
  boolean rejects() {
    return !rejecting.isEmpty();
  }

  @Override
  CommandStep<S, O> self() {
    return this;
  }
}
