package dev.msk.saga.internal;

import dev.msk.core.CallContext;
import dev.msk.core.Codec;
import dev.msk.core.Deadline;
import dev.msk.core.telemetry.Operation;
import dev.msk.saga.Outcome;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one step: what it is about, and what the machine makes of its outcome. Confined to one thread. */
final class StepAttempt<S> {

  private static final Logger log = LoggerFactory.getLogger(StepAttempt.class);

  final SagaShape<S> shape;
  final SagaRow row;
  final S state;
  private final Operation operation;
  private final Codec codec;
  private final Chance chance;

  StepAttempt(
      SagaShape<S> shape, SagaRow row, S state, Operation operation, Codec codec, Chance chance) {
    this.shape = shape;
    this.row = row;
    this.state = state;
    this.operation = operation;
    this.codec = codec;
    this.chance = chance;
  }

  SagaEffect on(SagaInput input) {
    return SagaMachine.on(shape, row, input);
  }

  SagaEffect ended(Outcome<S> outcome) {
    return ended(outcome, false);
  }

  /** A state that cannot be encoded is a failed attempt. */
  SagaEffect decided(Outcome<S> outcome) {
    try {
      return ended(outcome, false);
    } catch (RuntimeException e) {
      return ended(Outcome.unknown(e), false);
    }
  }

  /** It failed, and would fail again. */
  SagaEffect failed(Throwable cause) {
    return ended(Outcome.unknown(cause), true);
  }

  /** What came cannot be read better a second time. */
  SagaEffect answered(ReplyReader<S> reader, SagaReply reply) {
    try {
      return ended(reader.read(codec, reply, state), false);
    } catch (RuntimeException e) {
      return ended(
          Outcome.unknown(new IllegalStateException(
              "reply " + reply.type() + " " + reply.source() + "#" + reply.messageId()
                  + " cannot be read",
              e)),
          true);
    }
  }

  private SagaEffect ended(Outcome<S> outcome, boolean last) {
    Outcome<NewState> encoded;
    if (outcome instanceof Outcome.Done<S> done) {
      encoded =
          Outcome.done(new NewState(done.output() == state ? null : codec.encode(done.output())));
    } else if (outcome instanceof Outcome.Rejected<S> rejected) {
      encoded = Outcome.rejected(rejected.reason());
      operation.outcome("rejected").attribute("saga.rejected", rejected.reason());
    } else if (outcome instanceof Outcome.Later<S> later) {
      encoded = Outcome.later(later.delay());
      operation.outcome("later");
    } else {
      Throwable cause = ((Outcome.Unknown<S>) outcome).cause();
      encoded = Outcome.unknown(cause);
      operation.error(cause);
      log.info(
          "Saga {} {} {}: attempt {} failed: {}",
          row.definition(),
          row.businessKey(),
          row.step(),
          row.attempts() + 1,
          cause.toString());
    }
    return on(new SagaInput.Ended(encoded, last, chance.fraction()));
  }

  String step() {
    return Objects.requireNonNull(row.step(), "step");
  }

  CallContext context(@Nullable Deadline deadline) {
    CallContext.Builder context = CallContext.builder();
    String correlation = CommandSender.correlation(row);
    if (correlation.length() <= CallContext.MAX_CORRELATION_ID_LENGTH) {
      context.correlationId(correlation);
    }
    if (deadline != null) {
      context.deadline(deadline);
    }
    return context.build();
  }

  static SagaMove move(SagaEffect effect) {
    if (effect instanceof SagaEffect.Write write) {
      return write.move();
    }
    return ((SagaEffect.Send) effect).move();
  }
}
