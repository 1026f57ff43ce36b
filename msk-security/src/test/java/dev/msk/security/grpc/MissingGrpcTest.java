package dev.msk.security.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Services that have msk-security and its required dependencies, and lack something of gRPC. */
final class MissingGrpcTest {

  @Test
  void withoutGrpc_verifierAndIdentityLoad() throws Exception {
    try (URLClassLoader service = without("grpc")) {
      for (String name : new String[] {
        "TokenVerifier", "TlsIdentity", "http.BearerAuthentication", "vault.VaultPki"
      }) {
        assertThat(Class.forName("dev.msk.security." + name, true, service).getMethods())
            .isNotEmpty();
      }
    }
  }

  @Test
  void withoutNetty_theCoordinatesToAddAreNamed() throws Exception {
    try (URLClassLoader service = without("grpc-netty-shaded")) {
      Class<?> source = Class.forName("dev.msk.core.security.TlsSource", true, service);
      Object none = Proxy.newProxyInstance(
          service, new Class<?>[] {source}, (proxy, method, arguments) -> 0L);

      assertThatThrownBy(() -> Class.forName("dev.msk.security.grpc.GrpcTls", true, service)
              .getMethod("channel", source, String.class)
              .invoke(null, none, "inventory"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching("gRPC over TLS needs io\\.grpc:grpc-netty-shaded:[0-9.]+ .*")
          .satisfies(missing -> assertThat(missing.getClass().getName())
              .isEqualTo("dev.msk.core.MissingDependencyException"));
    }
  }

  @Test
  void workloadApi_withoutNetty_namesTheCoordinatesToAdd() throws Exception {
    try (URLClassLoader service = without("grpc")) {
      Class<?> scheduler = Class.forName("dev.msk.core.Scheduler", true, service);
      Object none = Proxy.newProxyInstance(
          service, new Class<?>[] {scheduler}, (proxy, method, arguments) -> null);
      Class<?> api = Class.forName("dev.msk.security.spiffe.SpiffeWorkloadApi", true, service);
      Object builder = api.getMethod("builder", scheduler).invoke(null, none);
      builder
          .getClass()
          .getMethod("address", String.class)
          .invoke(builder, "unix:///run/agent.sock");

      assertThatThrownBy(() -> builder.getClass().getMethod("build").invoke(builder))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching("SPIFFE Workload API needs io\\.grpc:grpc-netty-shaded:[0-9.]+ .*");
    }
  }

  private static URLClassLoader without(String jar) {
    return new URLClassLoader(
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains(jar))
            .map(MissingGrpcTest::url)
            .toArray(URL[]::new),
        ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
