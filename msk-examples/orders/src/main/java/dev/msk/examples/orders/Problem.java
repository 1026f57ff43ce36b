package dev.msk.examples.orders;

import java.util.List;

/**
 * A request that gets an error for an answer: what an RFC 9457 problem says about it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
final class Problem extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;
  private final transient List<String> errors;

  Problem(int status, String title, String detail) {
    this(status, title, detail, List.of());
  }

  Problem(int status, String title, String detail, List<String> errors) {
    super(detail);
    this.status = status;
    this.title = title;
    this.errors = List.copyOf(errors);
  }

  int status() {
    return status;
  }

  /** The members of the JSON object. */
  Body body(String instance) {
    return new Body("about:blank", title, status, getMessage(), instance, errors);
  }

  /**
   * As it is sent.
   *
   * @param type {@code about:blank}: the status says it all
   * @param title the same for every occurrence
   * @param status of HTTP
   * @param detail about this occurrence
   * @param instance the path that was asked for
   * @param errors a line for each field that is wrong
   */
  record Body(
      String type, String title, int status, String detail, String instance, List<String> errors) {}
}
