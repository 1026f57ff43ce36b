package dev.msk.examples.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What the demo prints: line by line, each with the seconds since the start. */
public final class Story {

  private final PrintStream out;
  private final long begin = System.nanoTime();
  private volatile Thread teller;

  Story(PrintStream out) {
    this.out = out;
  }

  /**
   * Prints a line without a time.
   *
   * @param line what to print
   */
  public void print(String line) {
    if (teller != null && teller != Thread.currentThread()) {
      return;
    }
    out.println(line);
    out.flush();
  }

  /**
   * Tells what happened.
   *
   * @param line what to print
   */
  public void tell(String line) {
    print(String.format(Locale.ROOT, "%6.1f s  %s", elapsed().toMillis() / 1000.0, line));
  }

  /**
   * Tells what the databases confirm.
   *
   * @param claim what is claimed
   * @param violations what contradicts it
   * @throws FalseClaimException when something does
   */
  public void claim(String claim, List<String> violations) {
    if (!violations.isEmpty()) {
      throw new FalseClaimException(claim, violations);
    }
    print("      ok  " + claim);
  }

  /** From now on only this thread is heard: the story is broken off. */
  void takeOver() {
    teller = Thread.currentThread();
  }

  /**
   * The time since the start.
   *
   * @return how long the demo has run
   */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
