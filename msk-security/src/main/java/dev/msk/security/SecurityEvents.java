package dev.msk.security;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Level;
import dev.msk.security.internal.LineBudget;
import dev.msk.security.internal.SecurityJfrEvent;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where {@link SecurityEvent}s go: a line of JSON in the log, an event in the flight recording, a count.
 *
 * <p><b>Guarantee.</b> Emitting throws nothing and waits for nothing but the logger. A flood fills no disk: of each type at most
 * 100 lines in a second are written, and the next line says in {@code suppressed} how many were not; a flood of one type hides no
 * other. The flight recording and the counter have them all.
 *
 * <p>The lines go to the logger {@value #LOGGER}: give it a file of its own with a pattern of the message alone. {@link
 * Level#CRITICAL} is logged as error.
 *
 * <p>Thread-safe.
 */
public final class SecurityEvents {

  /** Name of the logger. */
  public static final String LOGGER = "dev.msk.security.events";

  private static final Logger log = LoggerFactory.getLogger(SecurityEvents.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final SecurityEvents NONE = new SecurityEvents(null);

  private final @Nullable Builder settings;
  private final Map<EventType, LineBudget> budgets = new EnumMap<>(EventType.class);
  private final Map<EventType, BoundCounter> counters = new EnumMap<>(EventType.class);

  private SecurityEvents(@Nullable Builder settings) {
    this.settings = settings;
    if (settings != null) {
      CounterType counter = settings.telemetry.counter(
          CounterSpec.of("msk.security.events", "Security events by type", "{event}", "event"));
      for (EventType type : EventType.values()) {
        budgets.put(type, new LineBudget(settings.linesPerSecond, settings.ticker));
        counters.put(type, counter.bind(type.word()));
      }
    }
  }

  /**
   * Events that go nowhere.
   *
   * @return what blocks have by default
   */
  public static SecurityEvents none() {
    return NONE;
  }

  /**
   * Events of an application: to the log, at most 100 lines of each type in a second, and to flight recordings.
   *
   * @param application its name, which each line bears as {@code appid}
   * @return a builder with these defaults
   */
  public static Builder builder(String application) {
    return new Builder(requireNonNull(application, "application"));
  }

  /**
   * Tells of an event.
   *
   * @param event what happened
   */
  public void emit(SecurityEvent event) {
    requireNonNull(event, "event");
    if (settings == null) {
      return;
    }
    try {
      requireNonNull(counters.get(event.type()), "counter").add(1);
      SecurityJfrEvent.record(event);
      settings.listener.accept(event);
      OptionalLong suppressed =
          requireNonNull(budgets.get(event.type()), "budget").take();
      if (suppressed.isPresent()) {
        settings.lines.accept(event.type().level(), line(settings, event, suppressed.getAsLong()));
      }
    } catch (RuntimeException e) {
      log.error("Security event {} was not told", event.type(), e);
    }
  }

  private static String line(Builder settings, SecurityEvent event, long suppressed) {
    ObjectNode line = JSON.createObjectNode()
        .put("datetime", DateTimeFormatter.ISO_INSTANT.format(settings.clock.instant()))
        .put("appid", settings.application)
        .put("event", event.type().word())
        .put("level", event.type().level().name())
        .put("source", event.source().name());
    event.fields().forEach((field, value) -> line.put(field.word(), value));
    if (suppressed > 0) {
      line.put("suppressed", suppressed);
    }
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("line of JSON", e);
    }
  }

  /** Takes the lines that are written. */
  @FunctionalInterface
  public interface Lines {

    /**
     * Writes a line; must not throw.
     *
     * @param level how much it matters
     * @param json one line, without its end
     */
    void accept(Level level, String json);

    /**
     * The logger {@value SecurityEvents#LOGGER}.
     *
     * @return the default
     */
    static Lines logger() {
      Logger events = LoggerFactory.getLogger(LOGGER);
      return (level, json) -> {
        switch (level) {
          case INFO -> events.info("{}", json);
          case WARN -> events.warn("{}", json);
          case CRITICAL -> events.error("{}", json);
        }
      };
    }
  }

  /** Builds {@link SecurityEvents}. Confined to one thread. */
  public static final class Builder {

    private final String application;
    private Lines lines = Lines.logger();
    private Consumer<SecurityEvent> listener = event -> {};
    private int linesPerSecond = 100;
    private Telemetry telemetry = Telemetry.noop();
    private InstantSource clock = InstantSource.system();
    private Ticker ticker = Ticker.system();

    private Builder(String application) {
      this.application = application;
    }

    /**
     * Writes lines elsewhere.
     *
     * @param lines default {@link Lines#logger()}
     * @return this
     */
    public Builder lines(Lines lines) {
      this.lines = requireNonNull(lines, "lines");
      return this;
    }

    /**
     * Bounds how much is written.
     *
     * @param linesPerSecond of each type; default 100
     * @return this
     */
    public Builder linesPerSecond(int linesPerSecond) {
      this.linesPerSecond = linesPerSecond;
      return this;
    }

    /**
     * Hears of each event, suppressed lines included.
     *
     * @param listener called on the thread of whoever saw the event; must be quick
     * @return this
     */
    public Builder listener(Consumer<SecurityEvent> listener) {
      this.listener = requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Counts events in {@code msk.security.events} by {@code event}, the word of the type.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Tells the time of lines.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Measures the second that lines are counted in.
     *
     * @param ticker default {@link Ticker#system()}
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Builds the events.
     *
     * @return the events
     * @throws IllegalArgumentException if something is missing or out of bounds; names all of it
     */
    public SecurityEvents build() {
      List<String> faults = new ArrayList<>();
      if (application.isBlank()) {
        faults.add("application: '" + application + "' (expected: a name)");
      }
      if (linesPerSecond < 1) {
        faults.add("linesPerSecond: " + linesPerSecond + " (expected: >= 1)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new SecurityEvents(this);
    }
  }
}
