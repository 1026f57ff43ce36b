package dev.msk.saga.choreography;

import static dev.msk.saga.choreography.Effect.emit;
import static dev.msk.saga.choreography.Effect.startTimer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A participant that remembers in which order it was told what, and can be told to fail. */
public record Counter(String key, List<String> told, boolean over) {

  public record Note(String key, String text) {}

  Counter told(String text) {
    List<String> longer = new ArrayList<>(told);
    longer.add(text);
    return new Counter(key, longer, over);
  }

  Counter end() {
    return new Counter(key, told, true);
  }

  /** Fails for what is called {@code bad}; emits what it is told, ends with {@code end}. */
  public static Participant<Counter, Note> participant(String bad) {
    return participant(1, bad, Duration.ofHours(1));
  }

  public static Participant<Counter, Note> participant(int version, String bad, Duration timer) {
    return Participant.builder("counter", version, Counter.class, Note.class)
        .emits("noted", "rang")
        .endsWhen(Counter::over)
        .startsOn("begin", Note.class, Note::key, note -> new Counter(note.key(), List.of(), false))
        .react((state, note) -> timer.isZero() ? List.of() : List.of(startTimer("bell", timer)))
        .on("note", Note.class, Note::key)
        .evolve((state, note) -> {
          if (note.text().equals(bad)) {
            throw new IllegalStateException("cannot take " + bad);
          }
          return state.told(note.text());
        })
        .react((state, note) -> List.of(emit("noted", state.key(), note)))
        .on("hush", Note.class, Note::key)
        .react((state, note) -> List.of(Effect.cancelTimer("bell")))
        .on("again", Note.class, Note::key)
        .react((state, note) -> List.of(startTimer("bell", Duration.ofHours(1))))
        .on("end", Note.class, Note::key)
        .evolve((state, note) -> state.end())
        .onTimeout("bell")
        .evolve(state -> {
          if ("bell".equals(bad)) {
            throw new IllegalStateException("cannot take " + bad);
          }
          return state.told("bell");
        })
        .react(state -> List.of(emit("rang", state.key(), state.key())))
        .build();
  }
}
