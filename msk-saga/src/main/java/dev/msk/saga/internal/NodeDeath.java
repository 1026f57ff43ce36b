package dev.msk.saga.internal;

/**
 * The death of a node that a test drives. Neither an exception nor an error, so that nothing that the engine catches comes near it: like a
 * kill, it ends everything that the node was at, and only what the database does by itself, the rollback, still happens.
 */
public final class NodeDeath extends Throwable {

  private static final long serialVersionUID = 1L;

  private NodeDeath() {
    super(null, null, false, false);
  }

  /** Dies: never returns. */
  public static RuntimeException now() {
    return NodeDeath.<RuntimeException>thrown(new NodeDeath());
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> RuntimeException thrown(Throwable crash) throws X {
    throw (X) crash;
  }
}
