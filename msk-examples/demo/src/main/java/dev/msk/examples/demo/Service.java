package dev.msk.examples.demo;

import dev.msk.localservers.ChildProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service as a process of its own, which dies with the demo. */
public final class Service implements AutoCloseable {

  private static final Pattern READY = Pattern.compile(
      ".*: ready(?: on (?<uri>[^\\s\",]+))?, management on (?<management>[^\\s\"]+).*");

  private final ChildProcess process;
  private final AtomicReference<Matcher> ready;

  private Service(ChildProcess process, AtomicReference<Matcher> ready) {
    this.process = process;
    this.ready = ready;
  }

  /** Starts the main class and waits until its log says on which port it is ready. */
  static Service start(String name, Class<?> main, Map<String, String> environment, Path logs) {
    AtomicReference<Matcher> latest = new AtomicReference<>();
    ChildProcess.Builder process = ChildProcess.builder(name)
        .main(main.getName())
        .classPath(ServiceClassPath.of(main))
        .jvmArgs("-Xms48m", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .log(logs.resolve(name + ".log"))
        .readyWhenLog(line -> {
          Matcher ready = READY.matcher(line);
          if (ready.matches()) {
            latest.set(ready);
          }
          return ready.matches();
        });
    environment.forEach(process::env);
    return new Service(process.start(), latest);
  }

  /**
   * What it is called.
   *
   * @return for instance {@code orders-1}
   */
  public String name() {
    return process.name();
  }

  /**
   * Where it listens since its latest start.
   *
   * @return for instance {@code http://127.0.0.1:40123}; nothing for a service that nobody calls
   */
  public Optional<String> address() {
    return Optional.ofNullable(ready.get().group("uri"));
  }

  /**
   * Where operators ask since its latest start.
   *
   * @return for instance {@code http://127.0.0.1:40124}
   */
  public URI management() {
    return URI.create(ready.get().group("management"));
  }

  /**
   * Its process.
   *
   * @return the id of the latest start
   */
  public long pid() {
    return process.pid();
  }

  /**
   * What it prints, of all its starts: one JSON object a line.
   *
   * @return for instance {@code target/demo-logs/orders-1.log}
   */
  public Path log() {
    return process.logFile();
  }

  /** Kills it as {@code kill -9} does. */
  public void kill() {
    process.kill();
  }

  /** Stops it as SIGSTOP does: it keeps its connections and does nothing. */
  public void pause() {
    process.pause();
  }

  /** Ends {@link #pause()}. */
  public void resume() {
    process.resume();
  }

  /** Starts it again; it may get another port. */
  public void restart() {
    process.restart();
  }

  /** Sends SIGTERM and waits for the end. */
  @Override
  public void close() {
    process.close();
  }
}
