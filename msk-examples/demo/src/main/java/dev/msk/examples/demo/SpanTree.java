package dev.msk.examples.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The spans of a trace, each below its parent. */
public final class SpanTree {

  private final List<Span> roots = new ArrayList<>();
  private final Map<String, List<Span>> children = new HashMap<>();

  private SpanTree() {}

  /**
   * A tree of spans. One whose parent is not among them is a root.
   *
   * @param spans of one trace, in any order
   * @return the tree
   */
  public static SpanTree of(List<Span> spans) {
    SpanTree tree = new SpanTree();
    Map<String, Span> byId = new HashMap<>();
    spans.forEach(span -> byId.put(span.id(), span));
    spans.stream().sorted(Comparator.comparingLong(Span::start)).forEach(span -> {
      if (byId.containsKey(span.parent())) {
        tree.children.computeIfAbsent(span.parent(), id -> new ArrayList<>()).add(span);
      } else {
        tree.roots.add(span);
      }
    });
    return tree;
  }

  /**
   * The spans that have no parent here.
   *
   * @return by their beginning; one, when the trace is whole
   */
  public List<Span> roots() {
    return roots;
  }

  /**
   * What was done for a span.
   *
   * @param span the parent
   * @return its children, by their beginning
   */
  public List<Span> children(Span span) {
    return children.getOrDefault(span.id(), List.of());
  }

  /**
   * The tree for people.
   *
   * @return a line for each span
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    roots.forEach(root -> add(lines, root, "", "", root.start()));
    return lines;
  }

  private void add(List<String> lines, Span span, String branch, String below, long begin) {
    String name = branch + span.service() + "  " + span.name();
    lines.add(String.format(
        Locale.ROOT,
        "%-78s %-8s %8.1f ms  +%.1f",
        name,
        span.kind(),
        (span.end() - span.start()) / 1e6,
        (span.start() - begin) / 1e6));
    List<Span> all = children(span);
    for (int i = 0; i < all.size(); i++) {
      boolean last = i == all.size() - 1;
      add(lines, all.get(i), below + (last ? "└ " : "├ "), below + (last ? "  " : "│ "), begin);
    }
  }
}
