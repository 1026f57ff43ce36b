package dev.msk.saga.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.saga.choreography.Effect;
import dev.msk.saga.choreography.Input;
import dev.msk.saga.choreography.Participant;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tries participants of a choreography out, without a database and by a clock that stands still: given events that happened, when one more
 * does or time passes, then so. What one participant emits, those of the others that listen get, so one kit can hold a single participant or
 * the whole choreography.
 *
 * <p>Events and states go through JSON, as they do elsewhere, so what cannot be written or read fails here. Events that come before their
 * instance are kept for it, those after its end change nothing. What a function throws comes out of the call, since there is no
 * quarantine: the instance stays as it was. Expectations that are not met are {@link AssertionError}s. Confined to one thread.
 */
public final class ChoreographyTestKit {

  private static final int MAX_INPUTS = 10_000;

  private final Codec codec;
  private final Map<String, Participant<?, ?>> participants = new TreeMap<>();
  private final Map<Slot, Instance> instances = new LinkedHashMap<>();
  private final Queue<Effect.Emit> travelling = new ArrayDeque<>();
  private final List<Effect.Emit> emitted = new ArrayList<>();
  private Duration now = Duration.ZERO;

  private record Slot(String participant, String key) {}

  private static final class Instance {
    private byte @Nullable [] state;
    private boolean ended;
    private final List<Effect.Emit> kept = new ArrayList<>();
    private final Map<String, Duration> timers = new LinkedHashMap<>();
  }

  private record Due(Slot slot, String timer, Duration at) {}

  private ChoreographyTestKit(Codec codec, Participant<?, ?>... participants) {
    this.codec = codec;
    for (Participant<?, ?> participant : participants) {
      if (this.participants.putIfAbsent(participant.name(), participant) != null) {
        throw new IllegalArgumentException("participant: " + participant.name()
            + " (expected: a name that no other participant has)");
      }
    }
  }

  /**
   * A kit that writes JSON.
   *
   * @param participants at least one; watches too
   * @return a kit in which nothing has happened
   * @throws IllegalArgumentException if two have the same name
   */
  public static ChoreographyTestKit of(Participant<?, ?>... participants) {
    return new ChoreographyTestKit(JacksonCodec.of(), participants);
  }

  /**
   * Has something happen before: what is emitted now need not be expected.
   *
   * @param type of the event
   * @param event its data
   * @return this
   * @throws IllegalArgumentException if nobody listens to it
   */
  public ChoreographyTestKit given(String type, Object event) {
    when(type, event);
    emitted.clear();
    return this;
  }

  /**
   * Has an event happen.
   *
   * @param type of the event
   * @param event its data
   * @return this
   * @throws IllegalArgumentException if nobody listens to it
   */
  public ChoreographyTestKit when(String type, Object event) {
    if (participants.values().stream().noneMatch(p -> p.listensTo().contains(type))) {
      throw new IllegalArgumentException(
          "type: " + type + " (expected: one that a participant listens to)");
    }
    emitted.clear();
    travelling.add(new Effect.Emit(type, "given", event));
    travel();
    return this;
  }

  /**
   * Lets time pass: the timers that run down in it fire, in their order, each at its time.
   *
   * @param time not negative
   * @return this
   */
  public ChoreographyTestKit whenPassed(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("time: " + time + " (expected: >= 0)");
    }
    emitted.clear();
    Duration end = now.plus(time);
    for (int i = 0; i < MAX_INPUTS; i++) {
      Optional<Due> next = earliest().filter(due -> due.at().compareTo(end) <= 0);
      if (next.isEmpty()) {
        now = end;
        return this;
      }
      now = next.get().at();
      fire(next.get());
      travel();
    }
    throw new AssertionError("timers without end within " + time + ": " + earliest());
  }

  /**
   * Expects what was emitted since the last event, or since time began to pass.
   *
   * @param expected all of it, in order
   * @return this
   */
  public ChoreographyTestKit thenEmitted(Effect.Emit... expected) {
    if (!emitted.equals(Arrays.asList(expected))) {
      throw new AssertionError(
          "emitted: " + emitted + " (expected: " + Arrays.asList(expected) + ")");
    }
    return this;
  }

  /**
   * Expects that nothing was emitted.
   *
   * @return this
   */
  public ChoreographyTestKit thenNothing() {
    return thenEmitted();
  }

  /**
   * Expects a state.
   *
   * @param participant whose
   * @param key of the instance
   * @param expected its state
   * @param <S> the state
   * @return this
   */
  public <S> ChoreographyTestKit thenState(Participant<S, ?> participant, String key, S expected) {
    Optional<S> state = state(participant, key);
    if (!state.equals(Optional.of(expected))) {
      throw new AssertionError(participant.name() + " " + key + ": "
          + state.map(Object::toString).orElse("not started") + " (expected: " + expected + ")");
    }
    return this;
  }

  /**
   * Expects that an instance has ended.
   *
   * @param participant whose
   * @param key of the instance
   * @return this
   */
  public ChoreographyTestKit thenEnded(Participant<?, ?> participant, String key) {
    Instance instance = instances.get(new Slot(participant.name(), key));
    if (instance == null || !instance.ended) {
      throw new AssertionError(participant.name() + " " + key + ": "
          + (instance == null ? "not there" : "not ended") + " (expected: ended)");
    }
    return this;
  }

  /**
   * Looks at an instance.
   *
   * @param participant whose
   * @param key of the instance
   * @param <S> the state
   * @return its state; empty if nothing has started it
   */
  public <S> Optional<S> state(Participant<S, ?> participant, String key) {
    Instance instance = instances.get(new Slot(participant.name(), key));
    return instance == null || instance.state == null
        ? Optional.empty()
        : Optional.of(codec.decode(instance.state, participant.stateType()));
  }

  /**
   * Looks at the timers that run.
   *
   * @param participant whose
   * @param key of the instance
   * @return the time that is left to each, in the order in which they were started
   */
  public Map<String, Duration> timers(Participant<?, ?> participant, String key) {
    Map<String, Duration> left = new LinkedHashMap<>();
    Instance instance = instances.get(new Slot(participant.name(), key));
    if (instance != null) {
      instance.timers.forEach((timer, at) -> left.put(timer, at.minus(now)));
    }
    return left;
  }

  private void travel() {
    for (int i = 0; !travelling.isEmpty(); i++) {
      if (i == MAX_INPUTS) {
        travelling.clear();
        throw new AssertionError("events without end: " + emitted.get(emitted.size() - 1));
      }
      Effect.Emit event = travelling.remove();
      for (Participant<?, ?> participant : participants.values()) {
        if (participant.listensTo().contains(event.type())) {
          deliver(participant, event);
        }
      }
    }
  }

  private <S, E> void deliver(Participant<S, E> participant, Effect.Emit event) {
    Input.Event<E> input = read(participant, event);
    Slot slot = new Slot(participant.name(), participant.key(input));
    Instance instance = instances.computeIfAbsent(slot, key -> new Instance());
    if (instance.ended) {
      return;
    }
    if (instance.state == null && !participant.starts(event.type())) {
      instance.kept.add(event);
      return;
    }
    take(participant, instance, input);
    while (!instance.ended && !instance.kept.isEmpty()) {
      take(participant, instance, read(participant, instance.kept.remove(0)));
    }
  }

  private void fire(Due due) {
    Instance instance = requireNonNull(instances.get(due.slot()));
    instance.timers.remove(due.timer());
    fire(requireNonNull(participants.get(due.slot().participant())), instance, due.timer());
  }

  private <S, E> void fire(Participant<S, E> participant, Instance instance, String timer) {
    take(participant, instance, new Input.Timeout<>(timer));
  }

  private <S, E> void take(Participant<S, E> participant, Instance instance, Input<E> input) {
    S next;
    if (instance.state == null) {
      next = participant.begin((Input.Event<E>) input);
    } else if (participant.hears(input)) {
      next = participant.evolve(codec.decode(instance.state, participant.stateType()), input);
    } else {
      return;
    }
    List<Effect> effects = participant.react(next, input);
    instance.state = codec.encode(next);
    instance.ended = participant.isEnded(next);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Emit emit) {
        emitted.add(emit);
        travelling.add(emit);
      } else if (effect instanceof Effect.StartTimer start) {
        instance.timers.remove(start.timer());
        instance.timers.put(start.timer(), now.plus(start.after()));
      } else if (effect instanceof Effect.CancelTimer cancel) {
        instance.timers.remove(cancel.timer());
      }
    }
    if (instance.ended) {
      instance.timers.clear();
      instance.kept.clear();
    }
  }

  private <E> Input.Event<E> read(Participant<?, E> participant, Effect.Emit event) {
    byte[] data = codec.encode(event.payload());
    return participant.event(event.type(), codec.decode(data, participant.eventType(event.type())));
  }

  private Optional<Due> earliest() {
    List<Due> running = new ArrayList<>();
    instances.forEach((slot, instance) ->
        instance.timers.forEach((timer, at) -> running.add(new Due(slot, timer, at))));
    return running.stream().min(Comparator.comparing(Due::at));
  }
}
