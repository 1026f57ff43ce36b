package dev.msk.saga.internal;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaRow;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A definition as the engine runs it. */
public record SagaShape<S>(
    DefinitionId id,
    Class<S> stateType,
    List<StepShape<S>> steps,
    @Nullable Duration deadline,
    @Nullable TargetLock<S> lock) {

  /** SHA-256 over what running sagas depend on: names, kinds and order of the steps, pivot, what can be compensated. */
  public String fingerprint() {
    StringBuilder text = new StringBuilder();
    for (StepShape<S> step : steps) {
      text.append(step.name())
          .append(step.pivot() ? " pivot " : " step ")
          .append(step.kind())
          .append(step.backward() == null ? "" : " undone by " + step.kindBack())
          .append('\n');
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha256.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The definitions of the sagas that its steps begin. */
  public List<SagaShape<?>> children() {
    List<SagaShape<?>> children = new ArrayList<>();
    for (StepShape<S> step : steps) {
      if (step.forward() instanceof StepBody.Children<S> body) {
        body.branches().forEach(branch -> children.add(branch.shape()));
      }
    }
    return children;
  }

  public boolean sendsCommands() {
    return steps.stream()
        .anyMatch(step ->
            step.forward() instanceof StepBody.Send || step.backward() instanceof StepBody.Send);
  }

  /** The nearest step at or below a position that has a compensation, or -1. */
  int compensableFrom(int position) {
    int at = position;
    while (at >= 0 && steps.get(at).backward() == null) {
      at--;
    }
    return at;
  }

  /** What the step at the cursor does in the direction in which the saga goes. */
  StepBody<S> bodyAt(SagaRow row) {
    StepShape<S> step = steps.get(row.position());
    return row.status() == SagaStatus.COMPENSATING
        ? Objects.requireNonNull(step.backward(), "backward")
        : step.forward();
  }

  /** The position of a step, or -1. */
  int indexOf(String step) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).name().equals(step)) {
        return i;
      }
    }
    return -1;
  }

  @Nullable
  String stepName(int position) {
    return position >= 0 && position < steps.size() ? steps.get(position).name() : null;
  }
}
