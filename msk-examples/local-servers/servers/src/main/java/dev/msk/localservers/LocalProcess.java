package dev.msk.localservers;

import java.nio.file.Path;

/**
 * A child process that dies with this one, {@code kill -9} of this one included.
 *
 * <p>Thread-safe. Methods throw {@link LocalServerException}, which names the log file.
 */
public interface LocalProcess extends AutoCloseable {

  /**
   * What it is called in messages and in the name of its log.
   *
   * @return for instance {@code postgres}
   */
  String name();

  /**
   * The process id of the program itself, not of its watchdog.
   *
   * @return the id of the latest start
   */
  long pid();

  /**
   * What it prints, of all its starts. It outlives {@link #close()}.
   *
   * @return below {@code target/local-servers} where a folder {@code target} is, else below the
   *     temporary folder
   */
  Path logFile();

  /**
   * Whether the process runs; a paused one does.
   *
   * @return false after a crash too
   */
  boolean isAlive();

  /** Kills with SIGKILL, as a crash would, and returns when it is gone. Its data stay. */
  void kill();

  /** Stops it with SIGSTOP: connections stay open and nobody answers. */
  void pause();

  /** Ends {@link #pause()}. */
  void resume();

  /** Asks it to end, waits 10 s, then kills it. Its data stay. */
  void stop();

  /**
   * Starts it again on the same ports and data, and returns when it is ready; a running one is
   * stopped first.
   */
  void restart();

  /** Stops it and removes its temporary folder; idempotent. */
  @Override
  void close();
}
