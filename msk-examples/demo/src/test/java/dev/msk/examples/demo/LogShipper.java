package dev.msk.examples.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Sends what log files gain to Elasticsearch, as Filebeat does: each file from where it stopped, whole lines, a bulk request at a
 * time; a line that is no JSON object is the message of one. Confined to one thread.
 */
final class LogShipper {

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Path, Long> offsets = new HashMap<>();
  private final URI bulk;

  /**
   * Begins at the end of the files.
   *
   * @param bulk where requests go, with the index
   */
  LogShipper(URI bulk, Collection<Path> files) throws IOException {
    this.bulk = bulk;
    for (Path file : files) {
      offsets.put(file, Files.size(file));
    }
  }

  /**
   * Sends what is new.
   *
   * @return how many lines
   * @throws IOException if Elasticsearch does not take all of them
   */
  int ship() throws IOException, InterruptedException {
    StringBuilder request = new StringBuilder();
    int lines = 0;
    for (Map.Entry<Path, Long> file : offsets.entrySet()) {
      byte[] whole = newLines(file.getKey(), file.getValue());
      for (String line : new String(whole, StandardCharsets.UTF_8).lines().toList()) {
        request
            .append("{\"create\":{}}\n")
            .append(document(line, file.getKey()))
            .append('\n');
        lines++;
      }
      file.setValue(file.getValue() + whole.length);
    }
    if (lines > 0) {
      send(request.toString());
    }
    return lines;
  }

  /** Without the one that is being written. */
  private static byte[] newLines(Path file, long offset) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) (in.length() - offset)];
      in.seek(offset);
      in.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      return Arrays.copyOf(bytes, end);
    }
  }

  private ObjectNode document(String line, Path file) {
    return object(line).put("log.file.path", file.toString());
  }

  private ObjectNode object(String line) {
    try {
      JsonNode read = json.readTree(line);
      if (read instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      // Said by the JVM, say.
    }
    return json.createObjectNode().put("@timestamp", Instant.now().toString()).put("message", line);
  }

  private void send(String request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(
        HttpRequest.newBuilder(bulk)
            .header("Content-Type", "application/x-ndjson")
            .POST(HttpRequest.BodyPublishers.ofString(request))
            .build(),
        HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200
        || json.readTree(answer.body()).path("errors").asBoolean(true)) {
      throw new IOException(bulk + ": " + answer.statusCode() + " " + answer.body());
    }
  }
}
