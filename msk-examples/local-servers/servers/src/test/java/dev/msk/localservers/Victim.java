package dev.msk.localservers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A main that starts every server and other children at the same time, prints what it started, and
 * ends as it is told: {@code exit} by itself, {@code wait} not at all.
 */
final class Victim {
  private Victim() {}

  public static void main(String[] args) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<? extends LocalProcess>> starts = List.of(
        threads.submit(PostgresServer::start),
        threads.submit(KafkaServer::start),
        threads.submit(RedisServer::start),
        threads.submit(Victim::stubborn));
    List<Process> strangers = new ArrayList<>();
    while (starts.stream().anyMatch(start -> !start.isDone())) {
      strangers.add(stranger());
      Pause.briefly();
      Process last = strangers.get(strangers.size() - 1);
      if (strangers.size() > 20) {
        last.destroyForcibly();
        strangers.remove(last);
      }
    }
    for (Future<? extends LocalProcess> start : starts) {
      print("server", start);
    }
    strangers.forEach(stranger -> System.out.println("stranger " + stranger.pid()));
    threads.shutdown();
    if (args[0].equals("pause")) {
      for (Future<? extends LocalProcess> start : starts) {
        start.get().pause();
      }
    }
    System.out.println("ready");
    if (args[0].equals("exit")) {
      System.exit(3);
    }
    Thread.currentThread().join();
  }

  private static void print(String word, Future<? extends LocalProcess> start)
      throws ExecutionException, InterruptedException {
    System.out.println(word + " " + start.get().pid());
    System.out.println("folder " + start.get().toString().replaceAll(".*data in ", ""));
  }

  /** Ignores what asks it to end. */
  private static LocalProcess stubborn() {
    return ChildProcess.builder("stubborn")
        .command("sh", "-c", "trap '' TERM INT HUP; echo on; while :; do sleep 1; done")
        .readyWhenLog("on"::equals)
        .start();
  }

  /** Holds everything that it inherited for as long as it lives. */
  private static Process stranger() throws IOException {
    return new ProcessBuilder("sleep", "300").start();
  }
}
