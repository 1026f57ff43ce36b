package dev.msk.discovery;

/** A service has no instance that could take a call. The message and {@link #freshness()} say whether the registry is to blame. */
public final class NoInstanceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Which service. */
  private final String service;

  /** How sure it is that there is none. */
  private final Freshness freshness;

  /**
   * Creates one.
   *
   * @param snapshot what is known of the service
   */
  public NoInstanceException(Snapshot snapshot) {
    super(message(snapshot));
    this.service = snapshot.service();
    this.freshness = snapshot.freshness();
  }

  private static String message(Snapshot snapshot) {
    String known = snapshot.instances().isEmpty()
        ? "no instance"
        : "none of its " + snapshot.instances().size() + " instances can be called";
    String when = snapshot.asOf() == null
        ? "the registry has not answered yet"
        : "the registry's answer is of " + snapshot.asOf();
    return snapshot.service() + ": " + known + " (" + snapshot.freshness() + ", " + when + ")";
  }

  /**
   * Which service.
   *
   * @return its name
   */
  public String service() {
    return service;
  }

  /**
   * How sure it is that there is none.
   *
   * @return {@link Freshness#LIVE} if the registry says so
   */
  public Freshness freshness() {
    return freshness;
  }
}
