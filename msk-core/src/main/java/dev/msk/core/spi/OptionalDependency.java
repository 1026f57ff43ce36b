package dev.msk.core.spi;

import static java.util.Objects.requireNonNull;

import dev.msk.core.MissingDependencyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * A library that an adapter needs and that Maven brings only to those who asked for it.
 *
 * <p>Its coordinates come from the build: the module with package {@code dev.msk.<m>} holds a filtered resource
 * {@code META-INF/msk/<m>.dependencies.properties} with a line per library, for example
 * {@code kafka=org.apache.kafka:kafka-clients:${kafka.version}}. An adapter calls {@link #require(String)} in its factory,
 * before the first class of the library is touched. Immutable.
 */
public final class OptionalDependency {

  private static final String HOUSE = "dev.msk.";

  private final ClassLoader loader;
  private final String className;
  private final String coordinates;

  private OptionalDependency(ClassLoader loader, String className, String coordinates) {
    this.loader = loader;
    this.className = className;
    this.coordinates = coordinates;
  }

  /**
   * A library by its key in the module's list.
   *
   * @param anchor a class of the module that needs the library; its package names the module, its class loader is asked
   * @param key the line in the module's list
   * @param className a class of the library, by name
   * @return the dependency, not yet checked
   * @throws IllegalArgumentException if the anchor is not in a package of ours, or the module's list has no such line
   */
  public static OptionalDependency of(Class<?> anchor, String key, String className) {
    requireNonNull(className, "className");
    return new OptionalDependency(anchor.getClassLoader(), className, coordinates(anchor, key));
  }

  /**
   * Checks a library whose coordinates are known by other means.
   *
   * @param className a class of the library, by name
   * @param feature what needs it, for the message
   * @param mavenCoordinates {@code groupId:artifactId:version}
   * @throws MissingDependencyException if the class cannot be loaded
   */
  public static void require(String className, String feature, String mavenCoordinates) {
    new OptionalDependency(OptionalDependency.class.getClassLoader(), className, mavenCoordinates)
        .require(feature);
  }

  /**
   * Checks that the library is there.
   *
   * @param feature what needs it, for the message, for example {@code Kafka transport}
   * @throws MissingDependencyException if its class cannot be loaded
   */
  public void require(String feature) {
    requireNonNull(feature, "feature");
    try {
      load();
    } catch (ClassNotFoundException | LinkageError e) {
      throw new MissingDependencyException(feature, coordinates, e);
    }
  }

  /**
   * Whether the library is there.
   *
   * @return true if its class can be loaded
   */
  public boolean isPresent() {
    try {
      load();
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /**
   * The library as Maven names it.
   *
   * @return {@code groupId:artifactId:version}
   */
  public String coordinates() {
    return coordinates;
  }

  private void load() throws ClassNotFoundException {
    var unused = Class.forName(className, false, loader);
  }

  private static String coordinates(Class<?> anchor, String key) {
    String resource = "META-INF/msk/" + moduleOf(anchor) + ".dependencies.properties";
    Properties list = new Properties();
    try (InputStream in = anchor.getClassLoader().getResourceAsStream(resource)) {
      if (in != null) {
        list.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
    String found = list.getProperty(key);
    if (found == null) {
      throw new IllegalArgumentException("key: " + key + " (expected: a line of " + resource + ")");
    }
    return found;
  }

  private static String moduleOf(Class<?> anchor) {
    String name = anchor.getPackageName();
    if (!name.startsWith(HOUSE)) {
      throw new IllegalArgumentException(
          "anchor: " + anchor.getName() + " (expected: a class in a package below dev.msk)");
    }
    int end = name.indexOf('.', HOUSE.length());
    return end < 0 ? name.substring(HOUSE.length()) : name.substring(HOUSE.length(), end);
  }
}
