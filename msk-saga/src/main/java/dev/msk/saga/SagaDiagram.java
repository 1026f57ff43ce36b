package dev.msk.saga;

import dev.msk.saga.internal.SagaShape;
import dev.msk.saga.internal.StepBody;
import dev.msk.saga.internal.StepShape;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A definition, or a saga on its way through it, as a Mermaid flowchart. Each step is a node, the pivot a hexagon, one that other sagas do has double sides, each compensation a
 * dashed node on the way back.
 */
final class SagaDiagram {

  private static final Set<SagaTransition> DONE = Set.of(
      SagaTransition.ADVANCE,
      SagaTransition.PASS_PIVOT,
      SagaTransition.COMPLETE,
      SagaTransition.SKIP);
  private static final Set<SagaTransition> UNDONE =
      Set.of(SagaTransition.UNDO, SagaTransition.FINISH_BACK, SagaTransition.SKIP_BACK);

  private final SagaShape<?> shape;
  private final StringBuilder text = new StringBuilder("flowchart TD\n");

  private SagaDiagram(SagaShape<?> shape) {
    this.shape = shape;
  }

  static String of(SagaShape<?> shape) {
    SagaDiagram diagram = new SagaDiagram(shape);
    diagram.drawWay();
    return diagram.text.toString();
  }

  static String of(SagaShape<?> shape, SagaRow row, List<SagaStep> history) {
    SagaDiagram diagram = new SagaDiagram(shape);
    diagram.drawWay();
    diagram.drawPath(row, history);
    return diagram.text.toString();
  }

  private void drawWay() {
    line("start([" + shape.id().name() + " v" + shape.id().version() + "])");
    String before = "start";
    for (int i = 0; i < shape.steps().size(); i++) {
      StepShape<?> step = shape.steps().get(i);
      line(before + " --> s" + i + node(step));
      before = "s" + i;
    }
    line(before + " --> completed([COMPLETED])");
    drawWayBack();
  }

  private static String node(StepShape<?> step) {
    if (step.pivot()) {
      return "{{" + step.name() + "}}";
    }
    return step.forward() instanceof StepBody.Children
        ? "[[" + step.name() + "]]"
        : "[" + step.name() + "]";
  }

  /** A step without a compensation is passed over. */
  private void drawWayBack() {
    String next = "compensated";
    boolean compensated = false;
    for (int i = 0; i < shape.steps().size(); i++) {
      if (shape.steps().get(i).backward() != null) {
        line("u" + i + "[undo " + shape.steps().get(i).name() + "] -.-> " + next
            + (compensated ? "" : "([COMPENSATED])"));
        line("s" + i + " -.-> u" + i);
        next = "u" + i;
        compensated = true;
      }
    }
  }

  private void drawPath(SagaRow row, List<SagaStep> history) {
    Set<String> passed = new TreeSet<>();
    for (SagaStep taken : history) {
      int index = indexOf(taken);
      if (index >= 0 && DONE.contains(taken.transition())) {
        passed.add("s" + index);
      } else if (index >= 0 && UNDONE.contains(taken.transition())) {
        passed.add("u" + index);
      }
    }
    line("classDef passed fill:#cfc,stroke:#080");
    line("classDef here fill:#ffc,stroke:#aa0,stroke-width:3px");
    line("classDef stuck fill:#fcc,stroke:#a00,stroke-width:3px");
    if (!passed.isEmpty()) {
      line("class " + String.join(",", passed) + " passed");
    }
    line("class " + place(row) + (row.status().isStuck() ? " stuck" : " here"));
    labels(history).forEach(this::line);
  }

  private int indexOf(SagaStep taken) {
    for (int i = 0; i < shape.steps().size(); i++) {
      if (shape.steps().get(i).name().equals(taken.step())) {
        return i;
      }
    }
    return -1;
  }

  private String place(SagaRow row) {
    return switch (row.status()) {
      case RUNNING, STUCK_FORWARD ->
        row.position() < shape.steps().size() ? "s" + row.position() : "completed";
      case COMPENSATING, STUCK_BACKWARD ->
        row.position() < 0 ? "compensated" : "u" + row.position();
      case COMPLETED -> "completed";
      case COMPENSATED -> "compensated";
      case ABANDONED -> "start";
    };
  }

  /** The history, as comments: what a diagram has no place for. */
  private static List<String> labels(List<SagaStep> history) {
    List<String> lines = new ArrayList<>();
    for (SagaStep taken : history) {
      String error = taken.error();
      lines.add("%% " + taken.rev() + " " + taken.at() + " " + taken.transition()
          + (taken.step() == null ? "" : " " + taken.step() + " attempt " + taken.attempt())
          + (error == null ? "" : ": " + error.replaceAll("\\s+", " ")));
    }
    return lines;
  }

  private void line(String line) {
    text.append("  ").append(line).append('\n');
  }
}
