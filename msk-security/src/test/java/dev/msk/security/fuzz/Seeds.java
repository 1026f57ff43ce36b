package dev.msk.security.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** What fuzzing begins with. */
final class Seeds {

  private Seeds() {}

  static List<byte[]> of(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
