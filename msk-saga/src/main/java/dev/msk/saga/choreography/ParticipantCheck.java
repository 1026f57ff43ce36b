package dev.msk.saga.choreography;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules of a definition: what tables can hold, and that every instance begins and ends. */
final class ParticipantCheck {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9.-]{0,99}");
  private static final Pattern TIMER = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  private static final int MAX_TYPE = 255;

  private ParticipantCheck() {}

  static List<String> faults(
      String name,
      int version,
      List<? extends EventRule<?, ?>> events,
      List<String> timers,
      List<String> emits,
      List<Integer> upgrades,
      boolean ends) {
    List<String> faults = new ArrayList<>();
    if (!NAME.matcher(name).matches()) {
      faults.add("name: " + name
          + " (expected: 1 to 100 lower-case letters, digits, dots and dashes, a letter first)");
    }
    if (version < 1) {
      faults.add("version: " + version + " (expected: >= 1)");
    }
    if (events.stream().noneMatch(EventRule::starts)) {
      faults.add("startsOn: none (expected: at least one)");
    }
    if (!ends) {
      faults.add("endsWhen: none (expected: when an instance hears nothing more)");
    }
    Set<String> types = new HashSet<>();
    for (EventRule<?, ?> event : events) {
      if (!isType(event.type()) || !types.add(event.type())) {
        faults.add("type: " + event.type()
            + " (expected: 1 to 255 characters, not blank, one reaction to each)");
      }
    }
    Set<String> names = new HashSet<>();
    for (String timer : timers) {
      if (!TIMER.matcher(timer).matches() || !names.add(timer)) {
        faults.add(
            "timer: " + timer + " (expected: 1 to 64 lower-case letters, digits and dashes, a"
                + " letter first, one reaction to each)");
      }
    }
    for (String type : emits) {
      if (!isType(type)) {
        faults.add("emits: " + type + " (expected: 1 to 255 characters, not blank)");
      }
    }
    Set<Integer> versions = new HashSet<>();
    for (int from : upgrades) {
      if (from < 1 || from >= version || !versions.add(from)) {
        faults.add("upgrade: " + from + " (expected: 1 to " + (version - 1) + ", each once)");
      }
    }
    return faults;
  }

  private static boolean isType(String type) {
    return !type.isBlank() && type.length() <= MAX_TYPE;
  }
}
