package dev.msk.benchmarks.peers;

/** Events as ours: 1 KiB of JSON text that begins with a running number, over 1,000 keys. */
public final class Payload {

  private static final String FILLER = "x".repeat(1_012);

  private Payload() {}

  /**
   * The data of an event.
   *
   * @param number running
   * @return 1,024 characters
   */
  public static String of(int number) {
    return '"' + String.format("%010d", number) + FILLER + '"';
  }

  /**
   * The key of an event.
   *
   * @param number running
   * @return one of 1,000
   */
  public static String key(int number) {
    return "order-" + number % 1_000;
  }
}
