package dev.msk.core.internal;

import dev.msk.core.jdbc.SchemaScripts.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Scripts as files: their names and texts. */
public final class ScriptFiles {

  private static final Pattern NAME = Pattern.compile("V([0-9]{3})__([a-z0-9_]+)\\.sql");

  private ScriptFiles() {}

  /**
   * Checks the names of a module's scripts.
   *
   * @param files their names
   */
  public static void check(List<String> files) {
    for (int i = 0; i < files.size(); i++) {
      if (version(files.get(i)) != i + 1) {
        throw new IllegalArgumentException("files: " + files.get(i) + " at place " + (i + 1)
            + " (expected: numbered from 1 without a gap)");
      }
    }
  }

  /**
   * Reads a script.
   *
   * @param loader finds it
   * @param location its folder
   * @param file its name
   * @return the script
   */
  public static Script read(ClassLoader loader, String location, String file) {
    String path = location + "/" + file;
    try (InputStream in = loader.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("script: " + path + " (expected: on the class path)");
      }
      String sql = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
      String description = name(file).group(2).replace('_', ' ');
      return new Script(version(file), description, sql, sha256(sql));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  private static int version(String file) {
    return Integer.parseInt(name(file).group(1));
  }

  private static Matcher name(String file) {
    Matcher name = NAME.matcher(file);
    if (!name.matches()) {
      throw new IllegalArgumentException("files: " + file + " (expected: like V001__lease.sql)");
    }
    return name;
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
