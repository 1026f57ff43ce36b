package dev.msk.discovery.baddays;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.Workers;
import dev.msk.discovery.consul.QuickConsul;
import dev.msk.discovery.eureka.QuickEureka;
import dev.msk.localservers.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An instance in a process of its own. On SIGTERM it does as a service should: it says that it drains if it has registered itself, goes
 * on for as long as callers may take to know, finishes what it has, takes itself out, ends.
 */
final class ServiceProcess {

  /** What SIGTERM makes a JVM end with; one that had to be killed ends with 137. */
  static final int TERMINATED = 128 + 15;

  /** Its name in {@link OkServer#SERVED_BY}. */
  static final String NAME = "process";

  private static final Duration PROPAGATION = Duration.ofSeconds(2);
  private static final String LISTENING = "listening on ";
  private static final String LEFT = "left";

  private ServiceProcess() {}

  /** Starts one: {@code registry} is empty, or {@code consul} or {@code eureka} and its URL. */
  static ChildProcess start(String service, List<String> registry) {
    return ChildProcess.builder("service-process")
        .main(
            ServiceProcess.class.getName(),
            Stream.concat(Stream.of(service), registry.stream()).toArray(String[]::new))
        .jvmArgs("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.startsWith(LISTENING))
        .start();
  }

  static Instance instance(ChildProcess process, String service) throws IOException {
    String port = lines(process).stream()
        .filter(line -> line.startsWith(LISTENING))
        .findFirst()
        .orElseThrow()
        .substring(LISTENING.length());
    return Instance.builder(service, "127.0.0.1", Integer.parseInt(port)).build();
  }

  /** Whether it got to the end of what it does on SIGTERM. */
  static boolean hasLeft(ChildProcess process) throws IOException {
    return lines(process).contains(LEFT);
  }

  private static List<String> lines(ChildProcess process) throws IOException {
    return Files.readAllLines(process.logFile());
  }

  public static void main(String[] args) throws Exception {
    OkServer server = OkServer.start(NAME);
    Instance instance = server.instance(args[0]);
    Registration registration =
        args.length == 1 ? null : registrar(args[1], URI.create(args[2])).register(instance);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(server, registration)));
    System.out.println(LISTENING + instance.port());
    new CountDownLatch(1).await();
  }

  private static Registrar registrar(String kind, URI url) {
    Workers workers = new Workers();
    return kind.equals("consul")
        ? QuickConsul.builder(url, workers).build()
        : QuickEureka.builder(url, workers).build();
  }

  private static void leave(OkServer server, @Nullable Registration registration) {
    try {
      if (registration == null) {
        var unused = new CountDownLatch(1).await(PROPAGATION.toMillis(), TimeUnit.MILLISECONDS);
      } else {
        registration.drain(PROPAGATION).toCompletableFuture().get();
      }
      while (!server.isIdle()) {
        Thread.onSpinWait();
      }
      if (registration != null) {
        registration.close();
      }
      server.close();
      System.out.println(LEFT);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
