package dev.msk.examples.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the demo writes.
 *
 * @param logs {@code target/demo-logs}
 * @param identities {@code target/demo-identities}: certificates that end with the demo
 * @param directory {@code target/demo.json}
 */
record Folders(Path logs, Path identities, Path directory) {

  /** Below {@code target} of a folder; logs of earlier runs are removed. */
  static Folders prepare(Path root) throws IOException {
    Path target = root.resolve("target");
    Folders folders = new Folders(
        target.resolve("demo-logs"),
        target.resolve("demo-identities"),
        target.resolve("demo.json"));
    Files.createDirectories(folders.logs);
    try (DirectoryStream<Path> old = Files.newDirectoryStream(folders.logs, "*.log")) {
      for (Path file : old) {
        Files.delete(file);
      }
    }
    folders.forgetDirectory();
    System.setProperty("local-servers.logs", folders.logs.toString());
    return folders;
  }

  /** Writes down, for scripts, where everything is. */
  void writeDirectory(Map<String, Object> content) throws IOException {
    ObjectMapper json = new ObjectMapper().configure(SerializationFeature.INDENT_OUTPUT, true);
    Path unfinished = directory.resolveSibling("demo.json.new");
    json.writeValue(unfinished.toFile(), content);
    Files.move(unfinished, directory, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes it: nothing is there any more. */
  void forgetDirectory() {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      System.err.println("demo: " + directory + " is out of date: " + e);
    }
  }
}
