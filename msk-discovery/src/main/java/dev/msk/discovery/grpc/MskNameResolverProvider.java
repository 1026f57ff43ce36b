package dev.msk.discovery.grpc;

import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Resolvers for {@code msk:///service}. */
final class MskNameResolverProvider extends NameResolverProvider {

  private static final int ABOVE_DNS = 6;

  private final ServiceDiscovery discovery;

  MskNameResolverProvider(ServiceDiscovery discovery) {
    this.discovery = discovery;
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return ABOVE_DNS;
  }

  @Override
  public String getDefaultScheme() {
    return GrpcDiscovery.SCHEME;
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!GrpcDiscovery.SCHEME.equals(target.getScheme())) {
      return null;
    }
    String path = target.getPath();
    if (target.getAuthority() != null || path == null || !path.startsWith("/")) {
      throw new IllegalArgumentException(
          "target: " + target + " (expected: msk:///service, with three slashes)");
    }
    return new MskNameResolver(discovery, Instance.checkedService(path.substring(1)), args);
  }
}
