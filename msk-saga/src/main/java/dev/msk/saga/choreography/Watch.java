package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sees flows that stop half way. A watch takes no part in a saga: it is a {@link Participant} that listens to the events of others, and
 * when one that must follow another does not come in time, the flow counts as stopped: it is logged, counted
 * ({@code msk.choreography.flows.stopped}), and told to others as an event if the watch says so.
 *
 * <p>Time is the database's, counted from when the event before was taken. Events that come out of order are taken as they come, one that
 * comes before the first event of its flow is kept for it. What comes after the flow stopped is late, and changes nothing. Confined to
 * one thread while it is written.
 */
public final class Watch {

  private static final String TIMER = "within";

  private final String name;
  private final int version;
  private final List<Expected<?>> flow = new ArrayList<>();

  private Watch(String name, int version) {
    this.name = requireNonNull(name, "name");
    this.version = version;
  }

  /**
   * Starts a watch.
   *
   * @param name of the flow, as a participant's
   * @param version at least 1; a new one when the events of the flow change
   * @return says which event comes first
   */
  public static Start builder(String name, int version) {
    return new Start(new Watch(name, version));
  }

  /** Says how a flow begins. Confined to one thread. */
  public static final class Start {

    private final Watch watch;

    private Start(Watch watch) {
      this.watch = watch;
    }

    /**
     * Names the event that begins a flow.
     *
     * @param type its name on the wire
     * @param event what the codec makes of its data
     * @param key of the flow
     * @param <X> what the codec makes of its data
     * @return says what follows
     */
    public <X> Flow expect(String type, Class<X> event, Function<X, String> key) {
      watch.flow.add(new Expected<>(type, event, key, Duration.ZERO));
      return new Flow(watch);
    }
  }

  /** Says how a flow goes on. Confined to one thread. */
  public static final class Flow {

    private final Watch watch;

    private Flow(Watch watch) {
      this.watch = watch;
    }

    /**
     * Names the event that must come next.
     *
     * @param type its name on the wire
     * @param event what the codec makes of its data
     * @param key of the flow
     * @param <X> what the codec makes of its data
     * @return says within which time
     */
    public <X> Next<X> then(String type, Class<X> event, Function<X, String> key) {
      return new Next<>(watch, type, event, key);
    }

    /**
     * Tells others of flows that stopped.
     *
     * @param type of the event that is published, under the key of the flow
     * @param payload makes its data; a pure function
     * @return the watch
     * @throws IllegalArgumentException naming every fault
     */
    public Participant<FlowProgress, Object> otherwise(
        String type, Function<StoppedFlow, Object> payload) {
      return watch.build(requireNonNull(type, "type"), requireNonNull(payload, "payload"));
    }

    /**
     * Counts and logs flows that stopped, and tells nobody else.
     *
     * @return the watch
     * @throws IllegalArgumentException naming every fault
     */
    public Participant<FlowProgress, Object> otherwiseReport() {
      return watch.build(null, stopped -> stopped);
    }
  }

  /**
   * Says in which time an event must come. Confined to one thread.
   *
   * @param <X> what the codec makes of its data
   */
  public static final class Next<X> {

    private final Watch watch;
    private final String type;
    private final Class<X> event;
    private final Function<X, String> key;

    private Next(Watch watch, String type, Class<X> event, Function<X, String> key) {
      this.watch = watch;
      this.type = type;
      this.event = event;
      this.key = key;
    }

    /**
     * Bounds the time.
     *
     * @param time since the event before it was taken, 1 ms to 3,650 days
     * @return says how the flow goes on
     */
    public Flow within(Duration time) {
      watch.flow.add(new Expected<>(type, event, key, requireNonNull(time, "time")));
      return new Flow(watch);
    }
  }

  private record Expected<X>(
      String type, Class<X> event, Function<X, String> key, Duration within) {

    Expected {
      requireNonNull(type, "type");
      requireNonNull(event, "event");
      requireNonNull(key, "key");
    }

    FlowProgress begin(X value) {
      return new FlowProgress(key.apply(value), List.of(type), 1, true, false);
    }
  }

  private Participant<FlowProgress, Object> build(
      @Nullable String otherwise, Function<StoppedFlow, Object> payload) {
    if (flow.size() < 2) {
      throw new IllegalArgumentException(
          "watch " + name + ": then: none (expected: at least one event that must follow)");
    }
    for (Expected<?> expected : flow.subList(1, flow.size())) {
      if (expected.within().compareTo(Effect.SHORTEST) < 0
          || expected.within().compareTo(Effect.LONGEST) > 0) {
        throw new IllegalArgumentException("watch " + name + ": within: " + expected.within()
            + " for " + expected.type() + " (expected: 1 ms to 3650 days)");
      }
    }
    Participant.Builder<FlowProgress, Object> builder = Participant.watch(
            name, version, FlowProgress.class)
        .endsWhen(progress -> progress.stopped() || progress.reached() == flow.size());
    if (otherwise != null) {
      builder.emits(otherwise);
    }
    for (int i = 0; i < flow.size(); i++) {
      listen(builder, flow.get(i), i == 0);
    }
    return builder
        .onTimeout(TIMER)
        .evolve(progress ->
            new FlowProgress(progress.key(), progress.seen(), progress.reached(), false, true))
        .react(progress -> otherwise == null
            ? List.of()
            : List.of(Effect.emit(otherwise, progress.key(), payload.apply(stopped(progress)))))
        .build();
  }

  private <X> void listen(
      Participant.Builder<FlowProgress, Object> builder, Expected<X> expected, boolean first) {
    if (first) {
      builder
          .startsOn(expected.type(), expected.event(), expected.key(), expected::begin)
          .react((progress, event) -> next(progress));
    } else {
      builder
          .on(expected.type(), expected.event(), expected.key())
          .evolve((progress, event) -> seen(progress, expected.type()))
          .react((progress, event) -> next(progress));
    }
  }

  private FlowProgress seen(FlowProgress before, String type) {
    List<String> seen = new ArrayList<>(before.seen());
    if (!seen.contains(type)) {
      seen.add(type);
    }
    int reached = before.reached();
    while (reached < flow.size() && seen.contains(flow.get(reached).type())) {
      reached++;
    }
    return new FlowProgress(before.key(), seen, reached, reached > before.reached(), false);
  }

  private List<Effect> next(FlowProgress progress) {
    return progress.moved() && progress.reached() < flow.size()
        ? List.of(Effect.startTimer(TIMER, flow.get(progress.reached()).within()))
        : List.of();
  }

  private StoppedFlow stopped(FlowProgress progress) {
    return new StoppedFlow(
        name, progress.key(), progress.seen(), flow.get(progress.reached()).type());
  }
}
