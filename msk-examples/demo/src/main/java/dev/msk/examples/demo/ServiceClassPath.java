package dev.msk.examples.demo;

import dev.msk.examples.gateway.GatewayMain;
import dev.msk.examples.inventory.InventoryMain;
import dev.msk.examples.orders.OrdersMain;
import dev.msk.examples.payments.PaymentsMain;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The demo's class path without the demo and the other services: what a service runs with. */
final class ServiceClassPath {

  private ServiceClassPath() {}

  static List<Path> of(Class<?> service) {
    List<Path> entries = new ArrayList<>(ours());
    Stream.of(
            Demo.class,
            GatewayMain.class,
            OrdersMain.class,
            InventoryMain.class,
            PaymentsMain.class)
        .filter(other -> other != service)
        .forEach(other -> entries.remove(home(other)));
    return entries;
  }

  /** Maven runs the demo in its own JVM: the class path is that of a class loader. */
  private static List<Path> ours() {
    if (Demo.class.getClassLoader() instanceof URLClassLoader loader) {
      return Stream.of(loader.getURLs()).map(ServiceClassPath::path).toList();
    }
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .toList();
  }

  private static Path home(Class<?> type) {
    return path(type.getProtectionDomain().getCodeSource().getLocation());
  }

  private static Path path(URL url) {
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(url + " (expected: a folder or a jar)", e);
    }
  }
}
