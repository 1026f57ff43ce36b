package dev.msk.discovery.baddays;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** What happened, second by second: calls by the second in which they ended, and what was known and done when it was over. */
final class Timeline {

  private static final int FAILURES_TOLD = 20;

  private final String name;
  private final List<Second> seconds = new ArrayList<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private List<Long> nanos = new ArrayList<>();
  private int failed;

  /**
   * One of them.
   *
   * @param number from 0 on
   * @param calls that ended, those that failed included
   * @param failed calls
   * @param p99Millis which 99 of 100 calls took at most, from when they were due
   * @param ageSeconds of the list
   * @param listed instances
   * @param doing what is done to the registry
   */
  record Second(
      int number,
      int calls,
      int failed,
      double p99Millis,
      double ageSeconds,
      int listed,
      String doing) {

    String csv() {
      return String.format(
          Locale.ROOT,
          "%d,%d,%d,%.2f,%.1f,%d,%s",
          number,
          calls,
          failed,
          p99Millis,
          ageSeconds,
          listed,
          doing);
    }
  }

  Timeline(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  synchronized void succeeded(long tookNanos) {
    nanos.add(tookNanos);
  }

  synchronized void failed(long tookNanos, String why) {
    nanos.add(tookNanos);
    failed++;
    if (failures.size() < FAILURES_TOLD) {
      failures.add("second " + seconds.size() + ": " + why);
    }
  }

  /** Ends a second. */
  synchronized void tick(double ageSeconds, int listed, String doing) {
    List<Long> sorted = nanos.stream().sorted().toList();
    double p99 = sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) * 99 / 100) / 1e6;
    seconds.add(new Second(seconds.size(), sorted.size(), failed, p99, ageSeconds, listed, doing));
    nanos = new ArrayList<>();
    failed = 0;
  }

  synchronized List<Second> seconds() {
    return List.copyOf(seconds);
  }

  /** The first that failed, and why. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  int calls() {
    return seconds().stream().mapToInt(Second::calls).sum();
  }

  /** The median of the seconds. */
  double p99Millis() {
    List<Double> all = seconds().stream().map(Second::p99Millis).sorted().toList();
    return all.isEmpty() ? 0 : all.get(all.size() / 2);
  }

  double oldestSeconds() {
    return seconds().stream().mapToDouble(Second::ageSeconds).max().orElse(0);
  }

  void write(Path file) throws IOException {
    Stream<String> head = Stream.of("second,calls,failed,p99_ms,list_age_s,listed,registry");
    Files.createDirectories(file.getParent());
    Files.write(file, Stream.concat(head, seconds().stream().map(Second::csv)).toList());
  }
}
