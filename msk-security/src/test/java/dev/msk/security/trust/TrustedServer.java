package dev.msk.security.trust;

/** A server of some make on top of an identity. */
interface TrustedServer extends AutoCloseable {

  int port();

  Wire.Protocol protocol();

  /** A client as people use it, which keeps its connections. */
  TrustedClient client(Service service);

  @Override
  void close() throws Exception;

  /** A client of that server. */
  interface TrustedClient extends AutoCloseable {

    /** One request; fails if it is refused. */
    void call() throws Exception;

    @Override
    void close() throws Exception;
  }
}
