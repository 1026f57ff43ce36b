package dev.msk.observability.grpc;

import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.HeaderSetter;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** gRPC's metadata as headers. */
final class MetadataHeaders implements HeaderGetter<Metadata>, HeaderSetter<Metadata> {

  static final MetadataHeaders INSTANCE = new MetadataHeaders();

  private MetadataHeaders() {}

  @Override
  public @Nullable String get(Metadata carrier, String name) {
    List<String> values = getAll(carrier, name);
    return values.isEmpty() ? null : values.get(0);
  }

  @Override
  public List<String> getAll(Metadata carrier, String name) {
    Iterable<String> values = carrier.getAll(key(name));
    List<String> all = new ArrayList<>(1);
    if (values != null) {
      values.forEach(all::add);
    }
    return all;
  }

  @Override
  public void set(Metadata carrier, String name, String value) {
    Metadata.Key<String> key = key(name);
    carrier.discardAll(key);
    carrier.put(key, value);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
