package dev.msk.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** What is logged while it is open: slf4j-simple writes to whatever {@code System.err} is. */
final class CapturedLog implements AutoCloseable {

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private CapturedLog() {
    System.setErr(new PrintStream(
        new OutputStream() {
          @Override
          public void write(int value) {
            before.write(value);
            bytes.write(value);
          }
        },
        true,
        UTF_8));
  }

  static CapturedLog start() {
    return new CapturedLog();
  }

  String text() {
    return bytes.toString(UTF_8);
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
