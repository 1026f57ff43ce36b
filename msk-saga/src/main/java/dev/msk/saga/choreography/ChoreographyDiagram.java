package dev.msk.saga.choreography;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who emits and who listens, as a Mermaid flowchart: participants are nodes, watches slanted ones, events arrows, timers dashed arrows
 * back to their participant. What none of them emits comes from outside, what none of them hears goes there.
 */
final class ChoreographyDiagram {

  private final Map<Participant<?, ?>, String> nodes = new LinkedHashMap<>();
  private final StringBuilder text = new StringBuilder("flowchart LR\n");

  private ChoreographyDiagram(List<Participant<?, ?>> participants) {
    participants.forEach(participant -> nodes.put(participant, "p" + nodes.size()));
  }

  static String of(List<Participant<?, ?>> participants) {
    ChoreographyDiagram diagram = new ChoreographyDiagram(participants);
    diagram.draw();
    return diagram.text.toString();
  }

  private void draw() {
    line("outside((outside))");
    nodes.forEach((participant, node) -> line(node + label(participant)));
    fromOutside().forEach(type -> arrows("outside", type, ""));
    nodes.forEach((participant, node) -> {
      participant.emits().forEach(type -> arrows(node, type, "outside"));
      participant.timers().forEach(timer -> line(node + " -.->|" + timer + "| " + node));
    });
  }

  private static String label(Participant<?, ?> participant) {
    String label = participant.name() + " v" + participant.version();
    return participant.isWatch() ? "[/" + label + "/]" : "[" + label + "]";
  }

  private Set<String> fromOutside() {
    Set<String> types = new LinkedHashSet<>();
    nodes.keySet().forEach(participant -> types.addAll(participant.listensTo()));
    nodes.keySet().forEach(participant -> types.removeAll(participant.emits()));
    return types;
  }

  private void arrows(String from, String type, String otherwise) {
    List<String> listeners = nodes.keySet().stream()
        .filter(participant -> participant.listensTo().contains(type))
        .map(participant -> nodes.getOrDefault(participant, otherwise))
        .toList();
    listeners.forEach(to -> line(from + " -->|" + type + "| " + to));
    if (listeners.isEmpty()) {
      line(from + " -->|" + type + "| " + otherwise);
    }
  }

  private void line(String line) {
    text.append("  ").append(line).append('\n');
  }
}
