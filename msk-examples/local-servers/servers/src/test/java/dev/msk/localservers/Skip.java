package dev.msk.localservers;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** What is not there is said aloud, as {@code @WithServers} does. */
final class Skip {
  private Skip() {}

  static void test(Class<?> test, Optional<String> missing) {
    missing.ifPresent(why -> {
      System.err.println("SKIPPED " + test.getSimpleName() + ": " + why);
      Assumptions.abort(why);
    });
  }
}
