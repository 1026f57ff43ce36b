package dev.msk.examples.demo;

import dev.msk.examples.demo.chapters.Chapter;
import dev.msk.examples.demo.chapters.CompletedOrder;
import dev.msk.examples.demo.chapters.DeclinedCard;
import dev.msk.examples.demo.chapters.KilledCoordinator;
import dev.msk.examples.demo.chapters.KilledInstance;
import dev.msk.examples.demo.chapters.KilledPayments;
import dev.msk.examples.demo.chapters.OneTrace;
import dev.msk.examples.demo.chapters.PausedRelay;
import dev.msk.examples.demo.chapters.StoppedBroker;
import dev.msk.examples.demo.chapters.Strangers;
import dev.msk.examples.demo.chapters.UnreachableInventory;
import dev.msk.localservers.LocalServerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Plays the chapters on a stage of real servers and ends with 0; with 1 when a claim is false or
 * something fails; with 2 when an option is wrong.
 *
 * <pre>
 * ./mvnw -q -ntp -Pdemo                    plays and ends
 * ./mvnw -q -ntp -Pdemo -Ddemo.keep=true   plays and stays up until Ctrl-C; target/demo.json says where
 * ./mvnw -q -ntp -Pdemo -Ddemo.port=8080   the gateway listens on this port
 * ./mvnw -q -ntp -Pdemo -Ddemo.only=OneTrace,StoppedBroker   plays these chapters
 * </pre>
 */
public final class Demo {

  private static final List<Chapter> CHAPTERS = List.of(
      new CompletedOrder(),
      new OneTrace(),
      new DeclinedCard(),
      new UnreachableInventory(),
      new Strangers(),
      new KilledPayments(),
      new PausedRelay(),
      new KilledCoordinator(),
      new KilledInstance(),
      new StoppedBroker());

  private final Story story = new Story(System.out);
  private final Folders folders;
  private final List<Chapter> chapters;
  private final Stage stage;
  private volatile boolean interrupted;

  private Demo(Folders folders, int port, List<Chapter> chapters) {
    this.folders = folders;
    this.chapters = chapters;
    story.print(
        "MSK demo on a real database and a real broker: takes about two minutes, leaves nothing.");
    story.print("Logs: " + folders.logs());
    story.tell("starting PostgreSQL, Kafka, Eureka and four services, each a process of its own");
    this.stage = Stage.of(story, folders, port);
  }

  /**
   * Plays.
   *
   * @param args none
   */
  public static void main(String[] args) {
    int port = 0;
    List<Chapter> chapters = CHAPTERS;
    Folders folders = null;
    try {
      port = port(System.getProperty("demo.port", "0"));
      chapters = chapters(System.getProperty("demo.only", ""));
      folders = Folders.prepare(Path.of(System.getProperty("demo.root", "")).toAbsolutePath());
    } catch (IllegalArgumentException e) {
      System.err.println("demo: " + e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("demo: " + e + " (expected: a folder to write to)");
      System.exit(1);
    }
    int code = new Demo(folders, port, chapters).run(Boolean.getBoolean("demo.keep"));
    if (code != 0) {
      System.exit(code);
    }
  }

  private int run(boolean keep) {
    Thread ending = new Thread(this::interrupted, "demo-interrupted");
    Runtime.getRuntime().addShutdownHook(ending);
    int code = 1;
    try {
      stage.build();
      for (int i = 0; i < chapters.size(); i++) {
        story.print("");
        story.print((i + 1) + "  " + chapters.get(i).title());
        chapters.get(i).play(stage);
      }
      story.print("");
      if (keep) {
        stay();
      }
      code = 0;
    } catch (FalseClaimException e) {
      report("FALSE: " + e.getMessage(), e);
    } catch (LocalServerException e) {
      report("demo: " + e.getMessage(), e);
    } catch (Exception e) {
      report("demo: " + e, e);
    }
    if (interrupted) {
      return code;
    }
    stage.close();
    story.tell(code == 0 ? "every claim holds, all processes are gone" : "all processes are gone");
    Runtime.getRuntime().removeShutdownHook(ending);
    return code;
  }

  /** Ctrl-C, or SIGTERM: the processes go with us in any case, this says so. */
  private void interrupted() {
    interrupted = true;
    story.takeOver();
    story.print("");
    story.tell("interrupted: ending all processes");
    stage.breakOff();
    folders.forgetDirectory();
    story.tell("all processes are gone");
  }

  private void stay() throws IOException, InterruptedException {
    folders.writeDirectory(stage.directory());
    story.tell("stays up until Ctrl-C; " + folders.directory() + " says where everything is:");
    stage.directory().forEach((name, value) -> story.print("          " + name + "  " + value));
    new CountDownLatch(1).await();
  }

  private void report(String line, Exception e) {
    if (interrupted) {
      return;
    }
    story.print(line);
    story.print("Logs: " + folders.logs());
    try (PrintWriter log =
        new PrintWriter(Files.newBufferedWriter(folders.logs().resolve("demo.log")))) {
      e.printStackTrace(log);
    } catch (IOException unwritten) {
      story.print("demo: no stack trace in the logs: " + unwritten);
    }
  }

  /** Asked before anything starts, so that the answer comes at once. */
  private static int port(String text) {
    if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65535) {
      throw new IllegalArgumentException("demo.port: " + text + " (expected: 0 to 65535)");
    }
    int port = Integer.parseInt(text);
    try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return port;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "demo.port: " + text + " is taken (expected: a free one, or 0 for a random one)", e);
    }
  }

  private static List<Chapter> chapters(String names) {
    if (names.isEmpty()) {
      return CHAPTERS;
    }
    Map<String, Chapter> known = new LinkedHashMap<>();
    CHAPTERS.forEach(chapter -> known.put(chapter.getClass().getSimpleName(), chapter));
    List<Chapter> chosen = new ArrayList<>();
    for (String name : names.split(",")) {
      Chapter chapter = known.get(name.strip());
      if (chapter == null) {
        throw new IllegalArgumentException(
            "demo.only: " + name + " (expected: some of " + known.keySet() + ")");
      }
      chosen.add(chapter);
    }
    return chosen;
  }
}
