package dev.msk.security;

import static java.util.Objects.requireNonNull;

/** No TLS identity came in time, so that this process can neither prove who it is nor know others. */
public final class TlsIdentityException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the source said last. */
  private final String reason;

  TlsIdentityException(String message, String reason) {
    super(message);
    this.reason = requireNonNull(reason, "reason");
  }

  /**
   * What the source said last.
   *
   * @return for example that the agent does not answer; empty if it said nothing
   */
  public String reason() {
    return reason;
  }
}
