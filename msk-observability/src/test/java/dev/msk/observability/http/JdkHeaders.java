package dev.msk.observability.http;

import com.sun.net.httpserver.Headers;
import dev.msk.core.telemetry.HeaderGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers of the JDK's server. */
public final class JdkHeaders implements HeaderGetter<Headers> {

  @Override
  public @Nullable String get(Headers carrier, String name) {
    return carrier.getFirst(name);
  }

  @Override
  public List<String> getAll(Headers carrier, String name) {
    return carrier.getOrDefault(name, List.of());
  }
}
