package dev.msk.localservers.dns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that says how to misbehave, in two words: a kind and milliseconds; without it nothing is wrong. */
final class Faults {
  private final Path file;

  /** A new start has no faults: those of an earlier one are forgotten. */
  Faults(Path file) throws IOException {
    this.file = file;
    Files.deleteIfExists(file);
  }

  /** What becomes of an answer. */
  enum Kind {
    NONE,
    SILENCE,
    SERVFAIL,
    GARBAGE
  }

  /**
   * What to do to each answer.
   *
   * @param delayMillis how long it is held back
   */
  record Fault(Kind kind, long delayMillis) {}

  Fault current() throws IOException {
    try {
      String[] words = Files.readString(file).split(" ");
      return new Fault(Kind.valueOf(words[0]), Long.parseLong(words[1]));
    } catch (NoSuchFileException e) {
      return new Fault(Kind.NONE, 0);
    }
  }
}
