package dev.msk.localservers;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Class paths of child JVMs. */
final class ClassPath {
  private ClassPath() {}

  static Path java() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    if (!Files.isExecutable(java)) {
      throw new LocalServerException(java + " is missing (expected: a JDK 17 or newer)");
    }
    return java;
  }

  static String join(List<Path> entries) {
    return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Ours: of a URLClassLoader where this thread has one, as under exec:java, else of the JVM. */
  static List<Path> current() {
    List<Path> entries = new ArrayList<>();
    for (ClassLoader loader = Thread.currentThread().getContextClassLoader();
        loader instanceof URLClassLoader urls;
        loader = loader.getParent()) {
      for (URL url : urls.getURLs()) {
        entries.add(path(url));
      }
    }
    if (!entries.isEmpty()) {
      return entries;
    }
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath())
        .toList();
  }

  /** The class path that the build of a launcher wrote down, the launcher itself first. */
  static List<Path> ofLauncher(String artifact) {
    URL url = written(artifact);
    try {
      List<Path> entries = new ArrayList<>();
      entries.add(home(url, resource(artifact)));
      for (String entry : entries(url)) {
        entries.add(jar(artifact, entry));
      }
      return entries;
    } catch (IOException e) {
      throw new LocalServerException(resource(artifact) + ": " + e, e);
    }
  }

  /** The only file that a launcher needs, which may be missing. */
  static Path archiveOf(String artifact) {
    try {
      return inRepository(entries(written(artifact)).get(0));
    } catch (IOException e) {
      throw new LocalServerException(resource(artifact) + ": " + e, e);
    }
  }

  private static URL written(String artifact) {
    URL url = ClassPath.class.getClassLoader().getResource(resource(artifact));
    if (url == null) {
      throw new LocalServerException(resource(artifact) + " is not on the class path (expected: "
          + artifact + " built as far as process-classes, as `mvn test` does)");
    }
    return url;
  }

  private static String resource(String artifact) {
    return "META-INF/local-servers/" + artifact + ".classpath";
  }

  private static List<String> entries(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return List.of(
          new String(in.readAllBytes(), StandardCharsets.UTF_8).strip().split("\\|"));
    }
  }

  private static Path jar(String artifact, String entry) {
    Path jar = inRepository(entry);
    if (!Files.isReadable(jar)) {
      throw new LocalServerException(
          artifact + ": " + jar + " is missing (expected: the repository that " + artifact
              + " was built with, in the system property local-servers.repository)");
    }
    return jar;
  }

  private static Path inRepository(String entry) {
    return Path.of(entry.replace("@REPO@", repository().toString()));
  }

  /** Where the jars of the servers are. */
  static Path repository() {
    String said = System.getProperty("local-servers.repository");
    if (said == null) {
      said = System.getProperty("maven.repo.local");
    }
    return said == null
        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
        : Path.of(said).toAbsolutePath();
  }

  /** The folder or jar that holds a resource. */
  private static Path home(URL url, String resource) throws IOException {
    URLConnection connection = url.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return path(jar.getJarFileURL());
    }
    Path folder = path(url);
    for (int i = Path.of(resource).getNameCount(); i > 0; i--) {
      folder = folder.getParent();
    }
    return folder;
  }

  private static Path path(URL url) {
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new LocalServerException(url + ": no file", e);
    }
  }
}
