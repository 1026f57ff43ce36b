package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.util.Optional;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs twice: with Conscrypt on the class path, as other tests of tokens do, and without. */
final class NativeSignaturesTest {

  private static final boolean CONSCRYPT =
      System.getProperty("java.class.path").contains(File.separator + "conscrypt");

  @Test
  void whatIsOnTheClassPath_isChosen() {
    assertThat(NativeSignatures.provider().map(Provider::getName))
        .isEqualTo(CONSCRYPT ? Optional.of("Conscrypt") : Optional.empty());
  }

  @Test
  void choice_isLogged() {
    String logged = logOf(() -> NativeSignatures.find(getClass().getClassLoader()));

    if (CONSCRYPT) {
      assertThat(logged).contains("Signatures of tokens are verified by Conscrypt ");
    } else {
      assertThat(logged).isEmpty();
    }
  }

  /** A jar for another platform. */
  @Test
  void libraryThatDoesNotWork_isLogged_andTheJdkGoesOn(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("Conscrypt.java");
    Files.writeString(source, """
        package org.conscrypt;
        public final class Conscrypt {
          public static java.security.Provider newProvider() {
            throw new UnsatisfiedLinkError("no conscrypt_openjdk_jni in java.library.path");
          }
        }
        """);
    int compiled = ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-d", folder.toString(), source.toString());
    assertThat(compiled).isZero();

    try (URLClassLoader broken = new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      String logged = logOf(() -> assertThat(NativeSignatures.find(broken)).isEmpty());

      assertThat(logged)
          .contains("Signatures of tokens are not verified by org.conscrypt.Conscrypt")
          .contains("UnsatisfiedLinkError: no conscrypt_openjdk_jni");
    }
  }

  private static String logOf(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }
}
