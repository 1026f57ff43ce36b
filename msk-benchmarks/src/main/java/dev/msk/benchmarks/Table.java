package dev.msk.benchmarks;

import java.util.stream.Collectors;

/** Rows for people. */
final class Table {

  private Table() {}

  static String line(Row row) {
    String peers = row.peers().entrySet().stream()
        .map(peer -> ", " + peer.getKey() + " " + shown(peer.getValue()))
        .collect(Collectors.joining());
    return "%-32s %s  ours %s (%s to %s, %d runs) %s, floor %s%s; bar: %s%s"
        .formatted(
            row.name(),
            row.met() ? "met   " : "MISSED",
            shown(row.ours()),
            shown(row.min()),
            shown(row.max()),
            row.runs(),
            row.unit(),
            shown(row.floor()),
            peers,
            row.bar(),
            Double.isNaN(row.ours()) ? "; " + row.note() : "");
  }

  private static String shown(double value) {
    return Double.isNaN(value) ? "-" : Results.rounded(value).toPlainString();
  }
}
