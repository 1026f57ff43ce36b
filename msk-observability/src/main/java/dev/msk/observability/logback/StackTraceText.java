package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;

/** A stack trace piece by piece, as the JVM prints it, that stops at its bound. */
final class StackTraceText {

  /** Takes what a trace consists of. */
  interface Sink {

    /**
     * Takes the first characters of a text.
     *
     * @param said whether it comes from the exception: its class and message, a frame; else it is what stands between them
     * @return whether to go on
     */
    boolean add(String text, int chars, boolean said);
  }

  private final Sink sink;
  private final int max;
  private int length;
  private boolean stopped;

  private StackTraceText(Sink sink, int max) {
    this.sink = sink;
    this.max = max;
  }

  /** The whole of it. */
  static String of(IThrowableProxy error, int max) {
    StringBuilder text = new StringBuilder(1024);
    boolean whole = write(error, max, (piece, chars, said) -> {
      text.append(piece, 0, chars);
      return true;
    });
    assert whole : "takes all";
    return text.toString();
  }

  /** Gives all pieces, one by one, to a sink; returns whether it took them all. */
  static boolean write(IThrowableProxy error, int max, Sink sink) {
    StackTraceText trace = new StackTraceText(sink, max);
    trace.append(error, "", "");
    if (trace.length > max) {
      trace.give("\n... cut at " + max + " characters", false);
    }
    return !trace.stopped;
  }

  private void append(IThrowableProxy error, String caption, String indent) {
    if (isFull()) {
      return;
    }
    add(indent, false);
    add(header(error, caption), true);
    if (error.isCyclic()) {
      add("\n", false);
      return;
    }
    String next = indent.isEmpty() ? "\n\t" : "\n" + indent + "\t";
    StackTraceElementProxy[] frames = error.getStackTraceElementProxyArray();
    int own = frames.length - error.getCommonFrames();
    for (int i = 0; i < own && !isFull(); i++) {
      add(next, false);
      add(frames[i].getSTEAsString(), true);
    }
    if (error.getCommonFrames() > 0) {
      add(next + "... " + error.getCommonFrames() + " more", false);
    }
    add("\n", false);
    for (IThrowableProxy suppressed : error.getSuppressed()) {
      append(suppressed, "Suppressed: ", indent + "\t");
    }
    IThrowableProxy cause = error.getCause();
    if (cause != null) {
      append(cause, "Caused by: ", indent);
    }
  }

  private String header(IThrowableProxy error, String caption) {
    String message = error.getMessage();
    String who = caption + error.getClassName();
    return message == null
        ? who
        : who + ": " + message.substring(0, Math.min(message.length(), max));
  }

  /** A piece, as far as there is room. */
  private void add(String piece, boolean said) {
    if (piece.isEmpty() || isFull()) {
      return;
    }
    int room = max - length;
    length += piece.length();
    if (piece.length() <= room) {
      give(piece, said);
    } else {
      stopped |= !sink.add(piece, room, said);
    }
  }

  private void give(String piece, boolean said) {
    stopped |= !stopped && !sink.add(piece, piece.length(), said);
  }

  private boolean isFull() {
    return stopped || length > max;
  }
}
