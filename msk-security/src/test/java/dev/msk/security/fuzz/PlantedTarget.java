package dev.msk.security.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.StrictJson;
import java.util.Optional;

/**
 * Has a fault behind the parser of tokens' JSON, one letter from what the fuzzing begins with: whoever finds it feeds the parser, and tells of what it
 * throws.
 */
public final class PlantedTarget {

  private PlantedTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Optional<ObjectNode> json = StrictJson.object(data);
    String sub = json.map(object -> object.path("sub").asText()).orElse("");
    if (sub.isEmpty()) {
      return;
    }
    if (sub.charAt(0) == 'r') {
      if (sub.length() == 4 && sub.charAt(1) == 'o') {
        if (sub.charAt(2) == 'o') {
          if (sub.charAt(3) == 't') {
            throw new IllegalStateException("planted");
          }
        }
      }
    }
  }
}
