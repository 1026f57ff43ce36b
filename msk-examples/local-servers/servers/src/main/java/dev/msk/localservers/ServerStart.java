package dev.msk.localservers;

import java.io.IOException;

/** How a server with one port starts: with a folder and a log, of which only the log stays if it does not. */
final class ServerStart {
  private ServerStart() {}

  /** What is done once, before the first attempt. */
  interface Preparation {
    void in(TemporaryFolder folder, Log log) throws IOException;
  }

  /** Starts it on a port. */
  interface Attempt<S> {
    S on(int port, TemporaryFolder folder, Log log);
  }

  /** Starts one that needs no preparation. */
  static <S> S of(String name, int said, Attempt<S> attempt) {
    return of(name, said, (folder, log) -> {}, attempt);
  }

  /**
   * Starts one on the port that was said; if none was, on a free one, and again on others if somebody takes that first.
   *
   * @param name of the folder and the log
   * @param said 0 for none
   */
  static <S> S of(String name, int said, Preparation preparation, Attempt<S> attempt) {
    TemporaryFolder folder = TemporaryFolder.create(name);
    try {
      Log log = Log.create(name);
      preparation.in(folder, log);
      return said == 0
          ? Ports.retried(() -> attempt.on(Ports.free(), folder, log))
          : attempt.on(said, folder, log);
    } catch (IOException e) {
      folder.remove();
      throw new LocalServerException(name + ": " + e, e);
    } catch (RuntimeException e) {
      folder.remove();
      throw e;
    }
  }
}
