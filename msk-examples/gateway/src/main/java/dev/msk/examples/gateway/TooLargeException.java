package dev.msk.examples.gateway;

/** The body of a service's answer is larger than the route allows. No I/O error: asking again would not help. */
final class TooLargeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TooLargeException(int limit) {
    super("body: more than " + limit + " bytes", null, false, false);
  }
}
