package dev.msk.discovery.internal.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The form of a list on disk: lines of UTF-8, cells between tabs.
 *
 * <pre>
 * msk-instances 1
 * service   orders
 * as-of     2026-01-01T00:00:00Z
 * instance  orders-1  10.0.0.7  8080  false  100  eu-1  1.4.2  UP  schema  12
 * end       1  5e2ad0f1
 * </pre>
 *
 * <p>An instance's cells are its id, host, port, whether it speaks TLS, weight, zone, version and state, then the keys and values of
 * its metadata. Within a cell, a backslash stands before {@code t}, {@code n} and {@code r} for what would end it, and before a
 * backslash. The last line has the number of instances and the CRC-32C of all bytes before it: a file that was cut off or damaged is
 * not taken for a shorter list.
 */
final class InstanceFile {

  private static final String HEAD = "msk-instances 1";
  private static final int FIXED_CELLS = 9;

  private InstanceFile() {}

  static byte[] encode(Snapshot snapshot) {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    line(text, List.of("service", snapshot.service()));
    line(text, List.of("as-of", String.valueOf(snapshot.asOf())));
    snapshot.instances().forEach(instance -> line(text, cells(instance)));
    byte[] body = text.toString().getBytes(UTF_8);
    String end = "end\t" + snapshot.instances().size() + "\t" + checksum(body, body.length) + "\n";
    byte[] tail = end.getBytes(UTF_8);
    return ByteBuffer.allocate(body.length + tail.length).put(body).put(tail).array();
  }

  private static List<String> cells(Instance instance) {
    List<String> cells = new ArrayList<>(List.of(
        "instance",
        instance.id(),
        instance.host(),
        Integer.toString(instance.port()),
        Boolean.toString(instance.tls()),
        Integer.toString(instance.weight()),
        instance.zone(),
        instance.version(),
        instance.state().name()));
    new TreeMap<>(instance.metadata()).forEach((key, value) -> {
      cells.add(key);
      cells.add(value);
    });
    return cells;
  }

  private static void line(StringBuilder text, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      text.append(i == 0 ? "" : "\t").append(escaped(cells.get(i)));
    }
    text.append('\n');
  }

  private static String escaped(String cell) {
    return cell.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @param service whose list it should be
   * @param bytes of the file
   * @return a snapshot {@link Freshness#DISK}
   * @throws IOException if it is not whole, or of another form; the message says where
   */
  static Snapshot decode(String service, byte[] bytes) throws IOException {
    String[] lines = new String(bytes, UTF_8).split("\n", -1);
    if (!lines[0].equals(HEAD)) {
      throw new IOException("line 1: not " + HEAD);
    }
    // What ends with a newline has one empty line more.
    int last = lines.length - 2;
    if (last < 3) {
      throw new IOException("cut off");
    }
    String end = "end\t" + (last - 3) + "\t" + checksum(bytes, lastLine(bytes));
    if (!lines[last].equals(end)) {
      throw new IOException("line " + (last + 1) + ": cut off or damaged (expected: " + end + ")");
    }
    int line = 1;
    try {
      if (!lines[line].equals("service\t" + service)) {
        throw new IllegalArgumentException("not the list of " + service);
      }
      Instant asOf = Instant.parse(lines[++line].substring("as-of\t".length()));
      List<Instance> instances = new ArrayList<>();
      while (++line < last) {
        instances.add(instance(service, lines[line].split("\t", -1)));
      }
      return new Snapshot(service, instances, 0, asOf, Freshness.DISK);
    } catch (RuntimeException e) {
      // Whole and still not understood: written by another version, or by hand.
      throw new IOException("line " + (line + 1) + ": " + e.getMessage(), e);
    }
  }

  private static int lastLine(byte[] bytes) {
    int start = bytes.length - 1;
    while (start > 0 && bytes[start - 1] != '\n') {
      start--;
    }
    return start;
  }

  private static Instance instance(String service, String[] cells) {
    if (cells.length < FIXED_CELLS || cells.length % 2 == 0 || !cells[0].equals("instance")) {
      throw new IllegalArgumentException("no instance");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (int i = FIXED_CELLS; i < cells.length; i += 2) {
      metadata.put(plain(cells[i]), plain(cells[i + 1]));
    }
    return Instance.builder(service, plain(cells[2]), Integer.parseInt(cells[3]))
        .id(plain(cells[1]))
        .tls(Boolean.parseBoolean(cells[4]))
        .weight(Integer.parseInt(cells[5]))
        .zone(plain(cells[6]))
        .version(plain(cells[7]))
        .state(State.valueOf(cells[8]))
        .metadata(metadata)
        .build();
  }

  private static String plain(String cell) {
    StringBuilder text = new StringBuilder(cell.length());
    for (int i = 0; i < cell.length(); i++) {
      char c = cell.charAt(i);
      if (c == '\\') {
        i++;
        c = switch (cell.charAt(i)) {
          case 't' -> '\t';
          case 'n' -> '\n';
          case 'r' -> '\r';
          default -> cell.charAt(i);
        };
      }
      text.append(c);
    }
    return text.toString();
  }

  private static String checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Long.toHexString(crc.getValue());
  }
}
