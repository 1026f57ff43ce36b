package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A program, or the main class of a service as a JVM of its own, that dies with this process.
 *
 * <p>By default the class path is ours, the JVM is ours, and it counts as ready at once; {@link
 * Builder#start()} waits at most 30 s. SIGTERM ends it; SIGINT does not
 * reach a JVM, so that Ctrl-C leaves the order to us. Signals hit the process, not its children.
 * Thread-safe.
 */
public final class ChildProcess implements LocalProcess {
  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final BooleanSupplier ready;
  private final Duration startTimeout;
  private final String stopSignal;
  private final boolean tree;
  private final Predicate<String> passing;
  private final TemporaryFolder folder;
  private final Log log;
  private boolean closed;
  private volatile Watchdog run;

  private ChildProcess(Builder builder, List<String> command, TemporaryFolder folder) {
    name = builder.name;
    this.command = command;
    environment = Map.copyOf(builder.environment);
    startTimeout = builder.startTimeout;
    stopSignal = builder.stopSignal;
    tree = builder.tree;
    passing = builder.passing;
    this.folder = folder;
    log = builder.log == null ? Log.create(name) : new Log(builder.log);
    Predicate<String> line = builder.readyLine;
    ready = line == null ? builder.ready : () -> log.hasLine(line) && builder.ready.getAsBoolean();
  }

  /**
   * A builder.
   *
   * @param name what it is called in messages and in the name of its log
   * @return without a command yet
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long pid() {
    return run.pid();
  }

  @Override
  public Path logFile() {
    return log.file();
  }

  @Override
  public boolean isAlive() {
    return run.isAlive();
  }

  /**
   * How it ended.
   *
   * @return the exit code, 128 + n after signal n, or -1 if its watchdog was killed as well
   * @throws LocalServerException if it runs
   */
  public int exitCode() {
    if (isAlive()) {
      throw new LocalServerException(name + ": runs, and so has no exit code");
    }
    return run.exitCode();
  }

  @Override
  public synchronized void kill() {
    signals().kill();
  }

  @Override
  public synchronized void pause() {
    signals().pause();
  }

  @Override
  public synchronized void resume() {
    signals().resume();
  }

  @Override
  public synchronized void stop() {
    resume();
    run.stop();
  }

  @Override
  public synchronized void restart() {
    if (closed) {
      throw new LocalServerException(name + ": is closed");
    }
    stop();
    start();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (run != null) {
      stop();
    }
    folder.remove();
  }

  @Override
  public String toString() {
    return name + ", process " + pid() + ", data in " + folder.path();
  }

  private void start() {
    long end = System.nanoTime() + startTimeout.toNanos();
    begin();
    while (!ready.getAsBoolean()) {
      if (!isAlive() && log.hasLine(passing) && System.nanoTime() - end < 0) {
        Pause.briefly();
        run.stop();
        begin();
        continue;
      }
      if (!isAlive()) {
        throw log.failure(name + ": ended with code " + run.exitCode() + " before it was ready");
      }
      if (System.nanoTime() - end > 0) {
        throw log.failure(name + ": not ready after " + startTimeout.toMillis() + " ms");
      }
      Pause.briefly();
    }
    if (!isAlive()) {
      throw log.failure(name + ": ended with code " + run.exitCode() + " as soon as it was ready");
    }
  }

  private void begin() {
    log.mark();
    run = new Watchdog(name, command, environment, log.file(), folder.path(), stopSignal);
  }

  private void runToEnd() {
    begin();
    long end = System.nanoTime() + startTimeout.toNanos();
    while (isAlive()) {
      if (System.nanoTime() - end > 0) {
        throw log.failure(name + ": not done after " + startTimeout.toMillis() + " ms");
      }
      Pause.briefly();
    }
    if (run.exitCode() != 0) {
      throw log.failure(name + ": ended with code " + run.exitCode());
    }
  }

  private Signals signals() {
    return new Signals(run, tree);
  }

  /** What to start, and when it counts as ready. Confined to one thread. */
  public static final class Builder {
    private final String name;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private List<String> command = List.of();
    private String mainClass;
    private List<String> arguments = List.of();
    private List<String> jvmArguments = List.of();
    private List<Path> classPath;
    private Path log;
    private Predicate<String> readyLine;
    private BooleanSupplier ready = () -> true;
    private Duration startTimeout = Duration.ofSeconds(30);
    private String stopSignal = "TERM";
    private boolean tree;
    private Predicate<String> passing = line -> false;
    private TemporaryFolder folder;

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /**
     * Starts a program.
     *
     * @param words the program and its arguments
     * @return this
     */
    public Builder command(String... words) {
      command = List.of(words);
      return this;
    }

    /**
     * Starts a main class with this JVM's {@code java}.
     *
     * @param name with its package
     * @param args its arguments
     * @return this
     */
    public Builder main(String name, String... args) {
      mainClass = requireNonNull(name, "name");
      arguments = List.of(args);
      return this;
    }

    /**
     * Arguments of the JVM.
     *
     * @param args for instance {@code -Xmx128m}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * The class path of the main class; ours by default, that of a URLClassLoader included.
     *
     * @param entries folders and jars
     * @return this
     */
    public Builder classPath(List<Path> entries) {
      classPath = List.copyOf(entries);
      return this;
    }

    /**
     * Adds a variable to the environment that it inherits from us.
     *
     * @param variable name
     * @param value what it gets
     * @return this
     */
    public Builder env(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    /**
     * Appends what it prints to this file.
     *
     * @param file in a folder that exists
     * @return this
     */
    public Builder log(Path file) {
      log = file.toAbsolutePath();
      return this;
    }

    /**
     * Ready when a line that it printed since this start passes.
     *
     * @param line test of one line
     * @return this
     */
    public Builder readyWhenLog(Predicate<String> line) {
      readyLine = requireNonNull(line, "line");
      return this;
    }

    /**
     * Ready when a GET answers with a 2xx.
     *
     * @param uri http
     * @return this
     */
    public Builder readyWhenHttp(URI uri) {
      return readyWhen(new HttpProbe(uri));
    }

    /**
     * Ready when this says so; asked every 10 ms.
     *
     * @param condition must not throw
     * @return this
     */
    public Builder readyWhen(BooleanSupplier condition) {
      ready = requireNonNull(condition, "condition");
      return this;
    }

    /**
     * How long a start may take, 30 s by default; then it is killed.
     *
     * @param limit positive
     * @return this
     */
    public Builder startTimeout(Duration limit) {
      startTimeout = requireNonNull(limit, "limit");
      return this;
    }

    Builder stopSignal(String signal) {
      stopSignal = signal;
      return this;
    }

    /** Signals hit its children too: those of a database are the database. */
    Builder tree() {
      tree = true;
      return this;
    }

    /** A start that ends with such a line is tried again: what it tells of goes by. */
    Builder passing(Predicate<String> line) {
      passing = line;
      return this;
    }

    Builder folder(TemporaryFolder data) {
      folder = data;
      return this;
    }

    Builder logTo(Log file) {
      log = file.file();
      return this;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @return running
     * @throws PortTakenException if it ended because its port is taken
     * @throws LocalServerException if it ended, or was not ready in time
     */
    public ChildProcess start() {
      ChildProcess child = child();
      try {
        child.start();
        return child;
      } catch (RuntimeException e) {
        end(child);
        throw e;
      }
    }

    /**
     * Runs it to its end, which must come in the time of {@link #startTimeout}.
     *
     * @throws LocalServerException if its exit code is not 0; the message names the log, which
     *     goes otherwise unless {@link #log} said where
     */
    public void run() {
      ChildProcess child = child();
      try {
        child.runToEnd();
        if (log == null) {
          child.log.remove();
        }
      } finally {
        end(child);
      }
    }

    private ChildProcess child() {
      List<String> line = commandLine();
      return new ChildProcess(this, line, folder == null ? TemporaryFolder.create(name) : folder);
    }

    private void end(ChildProcess child) {
      if (child.run != null) {
        child.run.stop();
      }
      if (folder == null) {
        child.folder.remove();
      }
    }

    private List<String> commandLine() {
      if (mainClass == null) {
        if (command.isEmpty()) {
          throw new LocalServerException(name + ": command: none (expected: command or main)");
        }
        return command;
      }
      List<String> line = new ArrayList<>();
      line.add(ClassPath.java().toString());
      line.addAll(jvmArguments);
      line.add("-cp");
      line.add(ClassPath.join(classPath == null ? ClassPath.current() : classPath));
      line.add(mainClass);
      line.addAll(arguments);
      return line;
    }
  }
}
