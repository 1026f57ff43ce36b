package dev.msk.saga.internal;

/**
 * The death of a simulated node. Neither an exception nor an error, so that nothing that the engine catches comes near it: like a
 * kill, it ends everything that the node was at, and only what the database does by itself, the rollback, still happens.
 */
final class Crash extends Throwable {

  private static final long serialVersionUID = 1L;

  private Crash() {
    super(null, null, false, false);
  }

  static RuntimeException now() {
    return Crash.<RuntimeException>thrown(new Crash());
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> RuntimeException thrown(Throwable crash) throws X {
    throw (X) crash;
  }
}
