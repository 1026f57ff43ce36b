package dev.msk.saga.testing;

import dev.msk.messaging.EventEnvelope;
import dev.msk.saga.SagaSnapshot;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.SignalResult;
import dev.msk.saga.spi.SagaStep;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * A saga of a {@link SagaTestKit}: what it is given, and what must be true of it. What is not is an {@link AssertionError} that shows its
 * history. Confined to one thread.
 *
 * @param <S> the saga's state
 */
public final class TestSaga<S> {

  private static final Set<SagaTransition> DONE = Set.of(
      SagaTransition.ADVANCE,
      SagaTransition.PASS_PIVOT,
      SagaTransition.COMPLETE,
      SagaTransition.SKIP);
  private static final Set<SagaTransition> UNDONE =
      Set.of(SagaTransition.UNDO, SagaTransition.FINISH_BACK, SagaTransition.SKIP_BACK);

  private final SagaTestKit kit;
  private final Class<S> type;
  private final UUID id;

  TestSaga(SagaTestKit kit, Class<S> type, UUID id) {
    this.kit = kit;
    this.type = type;
    this.id = id;
  }

  /**
   * Which saga.
   *
   * @return its id
   */
  public UUID id() {
    return id;
  }

  /**
   * Looks at it.
   *
   * @return as it stands
   */
  public SagaSnapshot snapshot() {
    return kit.coordinator().find(id).orElseThrow();
  }

  /**
   * Its state.
   *
   * @return as it was committed last
   */
  public S state() {
    return snapshot().state(kit.codec(), type);
  }

  /**
   * What happened to it.
   *
   * @return every arrow that it took, in order
   */
  public List<SagaStep> history() {
    return kit.coordinator().admin().history(id);
  }

  /**
   * The command that a step sent.
   *
   * @param step its name
   * @return the command
   * @throws AssertionError if there is none
   */
  public EventEnvelope command(String step) {
    return sent(id + "/" + step);
  }

  /**
   * Answers the command of a step, as its participant would.
   *
   * @param step its name
   * @param answer type of the answer
   * @param payload what the step expects
   * @throws AssertionError if it has sent none
   */
  public void reply(String step, String answer, Object payload) {
    kit.reply(command(step), answer, payload);
  }

  /**
   * Answers the command that undoes a step.
   *
   * @param step its name
   * @param answer type of the answer
   * @param payload anything
   * @throws AssertionError if it has sent none
   */
  public void replyToUndo(String step, String answer, Object payload) {
    kit.reply(sent(id + "/" + step + "/undo"), answer, payload);
  }

  /**
   * Brings what a step waits for.
   *
   * @param step its name
   * @param payload of the type that it expects
   * @return what becomes of it
   */
  public SignalResult signal(String step, Object payload) {
    SagaSnapshot saga = snapshot();
    return kit.transactor()
        .call(tx ->
            kit.coordinator().signal(tx, saga.definition(), saga.businessKey(), step, payload));
  }

  /**
   * Checks where it is.
   *
   * @param expected its status
   * @return this
   */
  public TestSaga<S> assertStatus(SagaStatus expected) {
    return check("status", snapshot().status(), expected);
  }

  /**
   * Checks at which step it stands.
   *
   * @param expected the step's name
   * @return this
   */
  public TestSaga<S> assertStep(String expected) {
    return check("step", snapshot().step().orElse("none"), expected);
  }

  /**
   * Checks its state.
   *
   * @param expected equal to it
   * @return this
   */
  public TestSaga<S> assertState(S expected) {
    return check("state", state(), expected);
  }

  /**
   * Checks which arrows it took.
   *
   * @param expected all of them, in order, the start too
   * @return this
   */
  public TestSaga<S> assertHistory(SagaTransition... expected) {
    return check(
        "history", history().stream().map(SagaStep::transition).toList(), List.of(expected));
  }

  /**
   * Checks which steps are done.
   *
   * @param expected all of them, in order, those that were undone too
   * @return this
   */
  public TestSaga<S> assertDone(String... expected) {
    return check("done", steps(DONE), List.of(expected));
  }

  /**
   * Checks which steps were undone.
   *
   * @param expected all of them, in order
   * @return this
   */
  public TestSaga<S> assertUndone(String... expected) {
    return check("undone", steps(UNDONE), List.of(expected));
  }

  private List<String> steps(Set<SagaTransition> arrows) {
    return history().stream()
        .filter(line -> arrows.contains(line.transition()))
        .map(SagaStep::step)
        .filter(Objects::nonNull)
        .toList();
  }

  private EventEnvelope sent(String command) {
    return kit.commands().stream()
        .filter(event -> event.id().equals(command))
        .findFirst()
        .orElseThrow(() -> new AssertionError("command: " + command + " (expected: one of "
            + kit.commands().stream().map(EventEnvelope::id).toList() + ")"));
  }

  private TestSaga<S> check(String what, Object found, Object expected) {
    if (!found.equals(expected)) {
      throw new AssertionError(what + ": " + found + " (expected: " + expected + ")\n" + lines());
    }
    return this;
  }

  private String lines() {
    StringBuilder lines = new StringBuilder(snapshot().businessKey());
    for (SagaStep line : history()) {
      lines.append("\n  ").append(line.at()).append(' ').append(line.transition());
      if (line.step() != null) {
        lines.append(' ').append(line.step()).append(", attempt ").append(line.attempt());
      }
      if (line.error() != null) {
        lines.append(": ").append(line.error());
      }
    }
    return lines.toString();
  }
}
