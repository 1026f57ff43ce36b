package dev.msk.localservers;

/** The wait between two looks at a process. */
final class Pause {
  private Pause() {}

  static void briefly() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServerException("interrupted while waiting for a local server", e);
    }
  }
}
