package dev.msk.localservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Signals to a running program, and the wait until they have had their effect: they return before.
 *
 * @param run the program; nothing happens if it has ended
 * @param tree whether its children are hit too
 */
record Signals(Watchdog run, boolean tree) {
  private static final Set<String> GONE = Set.of("", "Z", "X");
  private static final Set<String> STOPPED = Set.of("", "Z", "X", "T", "t");

  void kill() {
    if (tree) {
      // A stopped parent has no more children.
      send("STOP", List.of(run.pid()), STOPPED);
    }
    // All of them: what a child still holds is in the way of a restart.
    send("KILL", pids(), GONE);
    while (run.isAlive()) {
      Pause.briefly();
    }
  }

  void pause() {
    send("STOP", List.of(run.pid()), STOPPED);
    if (tree) {
      send("STOP", pids(), STOPPED);
    }
  }

  void resume() {
    if (run.isAlive()) {
      run.signal("CONT", pids());
    }
  }

  private void send(String signal, Collection<Long> pids, Set<String> states) {
    if (!run.isAlive()) {
      return;
    }
    run.signal(signal, pids);
    while (pids.stream().anyMatch(pid -> !states.contains(state(pid)))) {
      Pause.briefly();
    }
  }

  private Collection<Long> pids() {
    Stream<Long> children = ProcessHandle.of(run.pid()).stream()
        .flatMap(tree ? ProcessHandle::descendants : process -> Stream.empty())
        .map(ProcessHandle::pid);
    return Stream.concat(Stream.of(run.pid()), children).toList();
  }

  /** The letter of a process in /proc: R and S run, T is stopped, Z a zombie; empty when gone. */
  private static String state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      int letter = stat.lastIndexOf(')') + 2;
      return stat.substring(letter, letter + 1);
    } catch (IOException e) {
      return "";
    }
  }
}
