package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One service's part in a saga that nobody coordinates, as a value: which events it listens to, how its state follows from them,
 * and what it does about them. There is an instance for each key.
 *
 * <p>Two pure functions are all of it: {@link #evolve} makes the next state of a state and an input, {@link #react} says what follows
 * from the next state. They see no clock, no database and no other instance, so a test calls them as they are, and a {@link
 * Choreography} may call them again after a rollback. Immutable, thread-safe if what it was given is.
 *
 * @param <S> the state, a record as a rule; kept by the choreography's {@link Codec}
 * @param <E> what all its events are, often a sealed interface
 */
public final class Participant<S, E> {

  private static final int MAX_KEY = 200;

  private final String name;
  private final int version;
  private final Class<S> stateType;
  private final Map<String, EventRule<S, ?>> events;
  private final Map<String, TimeoutRule<S>> timers;
  private final Set<String> emits;
  private final Map<Integer, StateUpgrade<?, S>> upgrades;
  private final Predicate<S> ended;
  private final boolean watch;

  private Participant(Builder<S, E> builder, Predicate<S> ended) {
    this.name = builder.name;
    this.version = builder.version;
    this.stateType = builder.stateType;
    this.ended = ended;
    this.watch = builder.watch;
    this.emits = Collections.unmodifiableSet(new LinkedHashSet<>(builder.emits));
    this.events = new LinkedHashMap<>();
    builder.events.forEach(event -> events.put(event.rule().type(), event.rule()));
    this.timers = new LinkedHashMap<>();
    builder.timers.forEach(timer -> timers.put(timer.rule().timer(), timer.rule()));
    this.upgrades = new LinkedHashMap<>();
    builder.upgrades.forEach(upgrade -> upgrades.put(upgrade.from(), upgrade));
  }

  /**
   * Starts a definition that listens to nothing.
   *
   * @param name 1 to 100 lower-case letters, digits, dots and dashes, beginning with a letter
   * @param version of the state, at least 1; a new one when older code could not read it any more
   * @param stateType what the codec makes of stored states
   * @param eventType what all its events are
   * @param <S> the state
   * @param <E> the events
   * @return a builder; what is wrong is told by {@link Builder#build()}
   */
  public static <S, E> Builder<S, E> builder(
      String name, int version, Class<S> stateType, Class<E> eventType) {
    requireNonNull(eventType, "eventType");
    return new Builder<>(name, version, stateType, false);
  }

  static <S> Builder<S, Object> watch(String name, int version, Class<S> stateType) {
    return new Builder<>(name, version, stateType, true);
  }

  /**
   * The name.
   *
   * @return the name that all versions share
   */
  public String name() {
    return name;
  }

  /**
   * The version.
   *
   * @return a positive number
   */
  public int version() {
    return version;
  }

  /**
   * The type of the state.
   *
   * @return a class
   */
  public Class<S> stateType() {
    return stateType;
  }

  /**
   * The types of the events that it listens to.
   *
   * @return in the order of their definition
   */
  public Set<String> listensTo() {
    return Collections.unmodifiableSet(events.keySet());
  }

  /**
   * The types of the events that it may publish.
   *
   * @return in the order of their definition
   */
  public Set<String> emits() {
    return emits;
  }

  /**
   * The names of its timers.
   *
   * @return in the order of their definition
   */
  public Set<String> timers() {
    return Collections.unmodifiableSet(timers.keySet());
  }

  /**
   * What the codec makes of an event's data.
   *
   * @param type of the event
   * @return a class
   * @throws IllegalArgumentException if it does not listen to the type
   */
  public Class<?> eventType(String type) {
    return rule(type).eventType();
  }

  /**
   * Makes an input of an event's data.
   *
   * @param type of the event
   * @param event its data
   * @return the input
   * @throws IllegalArgumentException if it does not listen to the type, or expects other data
   */
  @SuppressWarnings("unchecked") // Builder.on takes classes of E only
  public Input.Event<E> event(String type, Object event) {
    Class<?> expected = eventType(type);
    if (!expected.isInstance(event)) {
      throw new IllegalArgumentException(
          "event: " + event.getClass().getName() + " (expected: " + expected.getName() + ")");
    }
    return new Input.Event<>(type, (E) event);
  }

  /**
   * Whether events of a type start an instance.
   *
   * @param type of the event
   * @return false for all other events, and for those that it does not listen to
   */
  public boolean starts(String type) {
    EventRule<S, ?> rule = events.get(type);
    return rule != null && rule.starts();
  }

  /**
   * Whether an instance that exists hears an input: any but an event that only starts one.
   *
   * @param input an event that it listens to, or a timer of its own
   * @return whether {@link #evolve} and {@link #react} are called for it
   */
  public boolean hears(Input<E> input) {
    return !(input instanceof Input.Event<E> event) || rule(event.type()).evolves();
  }

  /**
   * Finds the instance that an event is for.
   *
   * @param input the event
   * @return 1 to 200 characters
   * @throws InvalidEventException if it is longer, empty, or has a U+0000
   */
  public String key(Input.Event<E> input) {
    String key = requireNonNull(rule(input.type()).keyOf(input.event()), "key");
    if (key.isEmpty() || key.length() > MAX_KEY || key.indexOf('\0') >= 0) {
      throw new InvalidEventException(
          "data",
          key,
          "a key of " + name + " of 1 to " + MAX_KEY + " characters, no U+0000, for "
              + input.type());
    }
    return key;
  }

  /**
   * Makes the first state of an instance.
   *
   * @param input an event that {@linkplain #starts starts} one
   * @return the state; {@link #react} follows
   */
  public S begin(Input.Event<E> input) {
    return requireNonNull(rule(input.type()).begin(input.event()), "state");
  }

  /**
   * Makes the next state.
   *
   * @param state of the instance
   * @param input what it is told
   * @return the next state
   */
  public S evolve(S state, Input<E> input) {
    if (input instanceof Input.Event<E> event) {
      return requireNonNull(rule(event.type()).evolve(state, event.event()), "state");
    }
    return requireNonNull(timeout((Input.Timeout<E>) input).evolve().apply(state), "state");
  }

  /**
   * Says what follows.
   *
   * @param state after {@link #begin} or {@link #evolve}
   * @param input what the instance was told
   * @return the effects, in order
   * @throws IllegalArgumentException if it emits an event or names a timer that is not in the definition
   */
  public List<Effect> react(S state, Input<E> input) {
    List<Effect> effects = input instanceof Input.Event<E> event
        ? rule(event.type()).react(state, event.event())
        : timeout((Input.Timeout<E>) input).react().apply(state);
    effects.forEach(this::check);
    return List.copyOf(effects);
  }

  /**
   * Whether an instance has ended.
   *
   * @param state of the instance
   * @return true if it is to hear nothing more
   */
  public boolean isEnded(S state) {
    return ended.test(state);
  }

  @Override
  public String toString() {
    return "Participant[" + name + " v" + version + ", listensTo=" + events.keySet() + "]";
  }

  boolean isWatch() {
    return watch;
  }

  Input.Event<E> read(EventEnvelope event, Codec codec) {
    return event(event.type(), event.data(codec, eventType(event.type())));
  }

  S read(byte[] state, int writtenBy, Codec codec) {
    StateUpgrade<?, S> upgrade = upgrades.get(writtenBy);
    return upgrade == null ? codec.decode(state, stateType) : upgrade.read(state, codec);
  }

  private void check(Effect effect) {
    if (effect instanceof Effect.Emit emit && !emits.contains(emit.type())) {
      throw new IllegalArgumentException(
          "emit: " + emit.type() + " (expected: one that " + name + " emits: " + emits + ")");
    }
    String timer = effect instanceof Effect.StartTimer start
        ? start.timer()
        : effect instanceof Effect.CancelTimer cancel ? cancel.timer() : null;
    if (timer != null && !timers.containsKey(timer)) {
      throw new IllegalArgumentException(
          "timer: " + timer + " (expected: one of " + name + ": " + timers.keySet() + ")");
    }
  }

  private EventRule<S, ?> rule(String type) {
    EventRule<S, ?> rule = events.get(type);
    if (rule == null) {
      throw new IllegalArgumentException("type: " + type + " (expected: one that " + name
          + " listens to: " + events.keySet() + ")");
    }
    return rule;
  }

  private TimeoutRule<S> timeout(Input.Timeout<E> input) {
    TimeoutRule<S> rule = timers.get(input.timer());
    if (rule == null) {
      throw new IllegalArgumentException(
          "timer: " + input.timer() + " (expected: one of " + name + ": " + timers.keySet() + ")");
    }
    return rule;
  }

  /**
   * Collects what a participant reacts to. Confined to one thread.
   *
   * @param <S> the state
   * @param <E> the events
   */
  public static final class Builder<S, E> {

    private final String name;
    private final int version;
    private final Class<S> stateType;
    private final boolean watch;
    private final List<EventReaction<S, E, ?>> events = new ArrayList<>();
    private final List<TimeoutReaction<S, E>> timers = new ArrayList<>();
    private final Set<String> emits = new LinkedHashSet<>();
    private final List<StateUpgrade<?, S>> upgrades = new ArrayList<>();
    private @Nullable Predicate<S> ended;

    private Builder(String name, int version, Class<S> stateType, boolean watch) {
      this.name = requireNonNull(name, "name");
      this.version = version;
      this.stateType = requireNonNull(stateType, "stateType");
      this.watch = watch;
    }

    /**
     * Names the events that it may publish; publishing another one is a fault of the instance. By default none.
     *
     * @param types their names on the wire
     * @return this
     */
    public Builder<S, E> emits(String... types) {
      emits.addAll(Arrays.asList(types));
      return this;
    }

    /**
     * Says when an instance has ended: it hears nothing more, its timers are cancelled, and it is deleted after the choreography's
     * retention. Every participant needs an end.
     *
     * @param test a pure function of the state
     * @return this
     */
    public Builder<S, E> endsWhen(Predicate<S> test) {
      this.ended = requireNonNull(test, "test");
      return this;
    }

    /**
     * Reads states that an older version wrote. By default they are read as those of this version, which suits fields that were added.
     *
     * @param from the older version
     * @param old what the codec makes of its states
     * @param change a pure function
     * @param <O> what the codec makes of its states
     * @return this
     */
    public <O> Builder<S, E> upgrade(int from, Class<O> old, Function<O, S> change) {
      upgrades.add(
          new StateUpgrade<>(from, requireNonNull(old, "old"), requireNonNull(change, "change")));
      return this;
    }

    /**
     * Listens to an event that starts an instance, unless there is one under its key.
     *
     * @param type its name on the wire
     * @param event what the codec makes of its data
     * @param key finds the instance: 1 to 200 characters; a pure function
     * @param begin makes the first state; a pure function
     * @param <X> what the codec makes of its data
     * @return says how it reacts
     */
    public <X extends E> EventReaction<S, E, X> startsOn(
        String type, Class<X> event, Function<X, String> key, Function<X, S> begin) {
      return add(new EventReaction<>(this, type, event, key, requireNonNull(begin, "begin")));
    }

    /**
     * Listens to an event that finds its instance. One that comes before its instance has started is kept for it.
     *
     * @param type its name on the wire
     * @param event what the codec makes of its data
     * @param key finds the instance: 1 to 200 characters; a pure function
     * @param <X> what the codec makes of its data
     * @return says how it reacts
     */
    public <X extends E> EventReaction<S, E, X> on(
        String type, Class<X> event, Function<X, String> key) {
      return add(new EventReaction<>(this, type, event, key, null));
    }

    /**
     * Hears a timer of an instance run down.
     *
     * @param timer its name: 1 to 64 lower-case letters, digits and dashes, beginning with a letter
     * @return says how it reacts
     */
    public TimeoutReaction<S, E> onTimeout(String timer) {
      TimeoutReaction<S, E> reaction = new TimeoutReaction<>(this, timer);
      timers.add(reaction);
      return reaction;
    }

    /**
     * Checks everything and makes the participant.
     *
     * @return the participant
     * @throws IllegalArgumentException naming every fault: a name of another form, two reactions to one type or timer, no event that
     *     starts an instance, no end
     */
    public Participant<S, E> build() {
      Predicate<S> end = ended;
      List<String> found = ParticipantCheck.faults(
          name,
          version,
          events.stream().<EventRule<?, ?>>map(event -> event.rule()).toList(),
          timers.stream().map(timer -> timer.rule().timer()).toList(),
          List.copyOf(emits),
          upgrades.stream().map(StateUpgrade::from).toList(),
          end != null);
      if (!found.isEmpty() || end == null) {
        throw new IllegalArgumentException(
            "participant " + name + " v" + version + ": " + String.join("; ", found));
      }
      return new Participant<>(this, end);
    }

    private <X extends E> EventReaction<S, E, X> add(EventReaction<S, E, X> reaction) {
      events.add(reaction);
      return reaction;
    }
  }
}
