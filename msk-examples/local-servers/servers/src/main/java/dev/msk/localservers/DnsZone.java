package dev.msk.localservers;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The records of a zone, and the master file (RFC 1035, section 5) that has them. Refuses what the server could not read. Confined to
 * whoever holds the lock of its server.
 */
final class DnsZone {
  /** RFC 2181, section 8. */
  private static final long LONGEST_TTL = Integer.MAX_VALUE;

  private static final int LONGEST_NAME = 253;
  private static final Pattern LABELS =
      Pattern.compile("([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+");
  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private final SortedMap<String, String> sets = new TreeMap<>();
  private final String origin;
  private final long negativeSeconds;
  private long serial;

  DnsZone(String origin, long negativeSeconds) {
    this.origin = origin;
    this.negativeSeconds = negativeSeconds;
  }

  void put(String name, DnsServer.RecordType type, Duration ttl, String... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("values: none (expected: one or more, or remove)");
    }
    String start = inZone(name) + " " + seconds("ttl", ttl) + " IN " + type + " ";
    String lines = Stream.of(values)
        .map(value -> start + checked(type, value) + "\n")
        .collect(Collectors.joining());
    sets.put(key(name, type), lines);
  }

  void remove(String name, DnsServer.RecordType type) {
    sets.remove(key(name, type));
  }

  void clear() {
    sets.clear();
  }

  /** The whole zone, with a new serial number. */
  String text() {
    serial++;
    String soa = "%1$s %2$d IN SOA ns.%1$s hostmaster.%1$s %3$d 3600 600 86400 %2$d\n"
        .formatted(origin, negativeSeconds, serial);
    return soa + String.join("", sets.values());
  }

  String origin() {
    return origin;
  }

  /** With a dot at its end, in lower case. */
  static String name(String what, String said) {
    String name = said.toLowerCase(Locale.ROOT) + (said.endsWith(".") ? "" : ".");
    if (!LABELS.matcher(name).matches() || name.length() > LONGEST_NAME + 1) {
      throw new IllegalArgumentException(
          what + ": " + said + " (expected: a host name, for instance orders.test)");
    }
    return name;
  }

  private String inZone(String said) {
    String name = name("name", said);
    if (!("." + name).endsWith("." + origin)) {
      throw new IllegalArgumentException("name: " + said + " (expected: in " + origin + ")");
    }
    return name;
  }

  private String key(String name, DnsServer.RecordType type) {
    return inZone(name) + " " + type;
  }

  static long seconds(String what, Duration said) {
    if (said.getNano() != 0 || said.isNegative() || said.toSeconds() > LONGEST_TTL) {
      throw new IllegalArgumentException(
          what + ": " + said + " (expected: whole seconds from 0 to " + LONGEST_TTL + ")");
    }
    return said.toSeconds();
  }

  private static String checked(DnsServer.RecordType type, String value) {
    return switch (type) {
      case A -> address(value, IPV4, "an IPv4 address, for instance 127.0.0.1");
      case AAAA -> address(value, IPV6, "an IPv6 address, for instance ::1");
      case CNAME -> name("value", value);
      case SRV -> service(value);
    };
  }

  private static String address(String value, Pattern form, String expected) {
    try {
      if (form.matcher(value).matches()) {
        return InetAddress.getByName(value).getHostAddress();
      }
    } catch (UnknownHostException e) {
      // No address, then.
    }
    throw new IllegalArgumentException("value: " + value + " (expected: " + expected + ")");
  }

  /** RFC 2782: priority, weight, port and target, which is a dot where there is no such service. */
  private static String service(String value) {
    List<String> words = List.of(value.strip().split("\\s+"));
    if (words.size() != 4 || !words.subList(0, 3).stream().allMatch(DnsZone::isUnsignedShort)) {
      throw new IllegalArgumentException("value: " + value
          + " (expected: priority weight port target, for instance 0 10 8443 a.orders.test)");
    }
    String target = words.get(3).equals(".") ? "." : name("value", words.get(3));
    return String.join(" ", words.subList(0, 3)) + " " + target;
  }

  private static boolean isUnsignedShort(String word) {
    return word.matches("\\d{1,5}") && Integer.parseInt(word) <= 0xFFFF;
  }
}
