package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;

/** A stack trace as text, as the JVM prints it, that stops at its bound. */
final class StackTraceText {

  private final StringBuilder text = new StringBuilder(1024);
  private final int max;

  private StackTraceText(int max) {
    this.max = max;
  }

  static String of(IThrowableProxy error, int max) {
    StackTraceText trace = new StackTraceText(max);
    trace.append(error, "", "");
    if (trace.text.length() > max) {
      trace.text.setLength(max);
      trace.text.append("\n... cut at ").append(max).append(" characters");
    }
    return trace.text.toString();
  }

  private void append(IThrowableProxy error, String caption, String indent) {
    if (isFull()) {
      return;
    }
    text.append(indent).append(caption).append(error.getClassName());
    String message = error.getMessage();
    if (message != null) {
      text.append(": ").append(message, 0, Math.min(message.length(), max));
    }
    text.append('\n');
    if (error.isCyclic()) {
      return;
    }
    StackTraceElementProxy[] frames = error.getStackTraceElementProxyArray();
    int own = frames.length - error.getCommonFrames();
    for (int i = 0; i < own && !isFull(); i++) {
      text.append(indent).append('\t').append(frames[i].getSTEAsString()).append('\n');
    }
    if (error.getCommonFrames() > 0) {
      text.append(indent).append("\t... ").append(error.getCommonFrames()).append(" more\n");
    }
    for (IThrowableProxy suppressed : error.getSuppressed()) {
      append(suppressed, "Suppressed: ", indent + "\t");
    }
    IThrowableProxy cause = error.getCause();
    if (cause != null) {
      append(cause, "Caused by: ", indent);
    }
  }

  private boolean isFull() {
    return text.length() > max;
  }
}
