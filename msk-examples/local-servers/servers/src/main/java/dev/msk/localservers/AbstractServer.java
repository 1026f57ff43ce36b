package dev.msk.localservers;

import java.nio.file.Path;

/** A server that is one child process and one temporary folder. */
abstract class AbstractServer implements LocalServer {
  private final ChildProcess process;
  private final TemporaryFolder folder;
  private final int port;

  AbstractServer(ChildProcess process, TemporaryFolder folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  @Override
  public final int port() {
    return port;
  }

  @Override
  public final String name() {
    return process.name();
  }

  @Override
  public final long pid() {
    return process.pid();
  }

  @Override
  public final Path logFile() {
    return process.logFile();
  }

  @Override
  public final boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public final void kill() {
    process.kill();
  }

  @Override
  public final void pause() {
    process.pause();
  }

  @Override
  public final void resume() {
    process.resume();
  }

  @Override
  public final void stop() {
    process.stop();
  }

  @Override
  public final void restart() {
    process.restart();
  }

  @Override
  public void close() {
    process.close();
  }

  final Path folder() {
    return folder.path();
  }

  /** The failure of a call to the server, with the name of its log. */
  final LocalServerException failed(String what, Exception cause) {
    return new LocalServerException(
        name() + ": " + what + ": " + cause.getMessage() + " (log: " + logFile() + ")", cause);
  }

  @Override
  public final String toString() {
    return name() + " on " + address() + ", data in " + folder.path();
  }
}
