package dev.msk.localservers;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A main that starts servers and, beside more than one, other children at the same time, prints
 * what it started, and ends as its first argument says: {@code exit} by itself, {@code wait} not at
 * all, {@code pause} not at all and with its servers paused. The others name the servers.
 */
final class Victim {
  private static final Map<String, Callable<LocalProcess>> SERVERS = Map.of(
      "postgres", PostgresServer::start,
      "kafka", KafkaServer::start,
      "redis", RedisServer::start,
      "dns", DnsServer::start,
      "consul", ConsulServer::start,
      "rabbitmq", RabbitMqServer::start,
      "prometheus", () -> PrometheusServer.builder().start(),
      "alertmanager",
          () -> AlertmanagerServer.builder(URI.create("http://127.0.0.1:1/")).start(),
      "elasticsearch", ElasticsearchServer::start,
      "stubborn", Victim::stubborn);

  private Victim() {}

  public static void main(String[] args) throws Exception {
    try {
      run(args[0], List.of(args).subList(1, args.length));
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static void run(String end, List<String> names) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<LocalProcess>> starts =
        names.stream().map(name -> threads.submit(SERVERS.get(name))).toList();
    List<Process> strangers = new ArrayList<>();
    while (names.size() > 1 && starts.stream().anyMatch(start -> !start.isDone())) {
      strangers.add(stranger());
      Pause.briefly();
      Process last = strangers.get(strangers.size() - 1);
      if (strangers.size() > 20) {
        last.destroyForcibly();
        strangers.remove(last);
      }
    }
    for (Future<LocalProcess> start : starts) {
      print("server", start);
    }
    strangers.forEach(stranger -> System.out.println("stranger " + stranger.pid()));
    threads.shutdown();
    if (end.equals("pause")) {
      for (Future<LocalProcess> start : starts) {
        start.get().pause();
      }
    }
    System.out.println("ready");
    if (end.equals("exit")) {
      System.exit(3);
    }
    Thread.currentThread().join();
  }

  private static void print(String word, Future<LocalProcess> start)
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
