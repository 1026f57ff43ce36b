package dev.msk.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The results of a suite as a JSON file, in the form that all suites share.
 *
 * <p>A run of some rows replaces those and leaves the others; each row carries the time and the commit of its own run.
 */
final class Results {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path folder;
  private final Path file;
  private final ObjectNode head;

  private Results(Path folder, Path file, ObjectNode head) {
    this.folder = folder;
    this.file = file;
    this.head = head;
  }

  /** The results of a run that begins now. */
  static Results of(Path folder, String suite, Machine machine, boolean quick) {
    ObjectNode head = JSON.createObjectNode();
    head.put("suite", suite);
    head.put("when", machine.when());
    head.put("commit", machine.commit());
    head.put("machine", machine.hardware());
    head.put("jdk", machine.jdk());
    head.put("quick", quick);
    return new Results(folder, folder.resolve(suite + ".json"), head);
  }

  Path file() {
    return file;
  }

  /** Writes rows; those of an earlier run of the same kind on the same machine stay unless they are among these. */
  void write(List<Row> rows, boolean keepOthers) throws IOException {
    ObjectNode all = head.deepCopy();
    ArrayNode written = all.putArray("rows");
    if (keepOthers && Files.exists(file)) {
      JsonNode before = JSON.readTree(Files.readAllBytes(file));
      if (same(before, "machine") && same(before, "jdk") && same(before, "quick")) {
        for (JsonNode row : before.path("rows")) {
          if (rows.stream().noneMatch(r -> r.name().equals(row.path("name").asText()))) {
            written.add(row);
          }
        }
      }
    }
    rows.forEach(row -> written.add(json(row)));
    Files.createDirectories(folder);
    Files.writeString(file, JSON.writeValueAsString(all) + "\n");
  }

  private boolean same(JsonNode before, String field) {
    return before.path(field).equals(head.path(field));
  }

  private ObjectNode json(Row row) {
    ObjectNode node = JSON.createObjectNode();
    node.put("name", row.name());
    node.put("unit", row.unit());
    node.put("higherIsBetter", row.higherIsBetter());
    number(node, "ours", row.ours());
    number(node, "min", row.min());
    number(node, "max", row.max());
    node.put("runs", row.runs());
    number(node, "floor", row.floor());
    ObjectNode peers = node.putObject("peers");
    row.peers().forEach((name, value) -> number(peers, name, value));
    node.put("bar", row.bar());
    node.put("met", row.met());
    node.put("note", row.note());
    node.set("when", head.get("when"));
    node.set("commit", head.get("commit"));
    return node;
  }

  private static void number(ObjectNode node, String field, double value) {
    if (Double.isNaN(value)) {
      node.putNull(field);
    } else {
      node.put(field, rounded(value));
    }
  }

  /** Four digits: nothing here is more exact. */
  static BigDecimal rounded(double value) {
    BigDecimal digits = BigDecimal.valueOf(value).round(new MathContext(4));
    BigDecimal plain = digits.scale() < 0 ? digits.setScale(0) : digits.stripTrailingZeros();
    return plain.scale() < 0 ? plain.setScale(0) : plain;
  }
}
