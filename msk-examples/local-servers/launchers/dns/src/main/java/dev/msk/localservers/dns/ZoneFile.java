package dev.msk.localservers.dns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A master file that may be replaced at any time: whoever has replaced it gets answers from the new one. Guarded by its own lock.
 */
final class ZoneFile {
  private final Path file;
  private byte[] text = {};
  private Records records;

  ZoneFile(Path file) {
    this.file = file;
  }

  /** Read with each query, parsed when it is another one. */
  synchronized Records records() throws IOException {
    byte[] now = Files.readAllBytes(file);
    if (records == null || !Arrays.equals(now, text)) {
      records = Records.parse(now);
      text = now;
    }
    return records;
  }
}
