package dev.msk.localservers;

/** A server on a port of 127.0.0.1 that stays the same over restarts. */
public interface LocalServer extends LocalProcess {

  /**
   * Where it listens.
   *
   * @return {@code 127.0.0.1}
   */
  default String host() {
    return "127.0.0.1";
  }

  /**
   * Where it listens.
   *
   * @return a random port unless the builder said another
   */
  int port();

  /**
   * Where it listens.
   *
   * @return {@code 127.0.0.1:port}
   */
  default String address() {
    return host() + ":" + port();
  }
}
