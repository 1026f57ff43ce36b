package dev.msk.benchmarks.observability;

import com.sun.net.httpserver.Headers;
import dev.msk.core.telemetry.HeaderGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Headers of the JDK's server. */
final class JdkHeaders implements HeaderGetter<Headers> {

  @Override
  public @Nullable String get(Headers headers, String name) {
    return headers.getFirst(name);
  }

  @Override
  public List<String> getAll(Headers headers, String name) {
    List<String> values = headers.get(name);
    return values == null ? List.of() : values;
  }
}
