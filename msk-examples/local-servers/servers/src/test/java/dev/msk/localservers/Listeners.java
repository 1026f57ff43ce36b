package dev.msk.localservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a process listens, TCP and UDP, by the tables of the kernel. */
final class Listeners {
  /** State 0A listens; a UDP socket without a peer is in state 07. */
  private static final Map<String, String> STATES =
      Map.of("tcp", "0A", "tcp6", "0A", "udp", "07", "udp6", "07");

  /** 127.0.0.1 in the order of the machine's bytes, mapped to IPv6 or not, and the port. */
  private static final Pattern LOOPBACK =
      Pattern.compile("(?:0{16}FFFF0000)?0100007F:([0-9A-F]{4})");

  private Listeners() {}

  /** Each as {@code 127.0.0.1:port}; one on another address as the kernel writes it. */
  static List<String> of(long pid) throws IOException {
    Path proc = Path.of("/proc", String.valueOf(pid));
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
      files.forEach(file -> sockets.add(target(file)));
    }
    List<String> listeners = new ArrayList<>();
    for (Map.Entry<String, String> table : STATES.entrySet()) {
      for (String line : Files.readAllLines(proc.resolve("net").resolve(table.getKey()))) {
        String[] fields = line.strip().split("\\s+");
        if (fields[3].equals(table.getValue()) && sockets.contains("socket:[" + fields[9] + "]")) {
          listeners.add(address(fields[1]));
        }
      }
    }
    return listeners;
  }

  private static String address(String written) {
    Matcher loopback = LOOPBACK.matcher(written);
    return loopback.matches() ? "127.0.0.1:" + Integer.parseInt(loopback.group(1), 16) : written;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "closed meanwhile";
    }
  }
}
