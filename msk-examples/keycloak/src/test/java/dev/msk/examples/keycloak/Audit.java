package dev.msk.examples.keycloak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The log of security events, as it lies on disk; what was answered is in it. */
final class Audit {

  private static final Path FILE = Path.of("target/audit.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int before = all().size();

  /** Lines since this was made. */
  List<JsonNode> lines() {
    List<JsonNode> all = all();
    return all.subList(before, all.size());
  }

  private static List<JsonNode> all() {
    try {
      return Files.readAllLines(FILE).stream().map(Audit::parsed).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }
}
