package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Collects what a {@link Choreography} needs. Confined to one thread. */
public final class ChoreographyBuilder {

  private final Transactor transactor;
  private final Outbox outbox;
  private final String source;
  private final Leases leases;
  private final List<Participant<?, ?>> participants = new ArrayList<>();
  private TableNames names = TableNames.defaults();
  private @Nullable Codec codec;
  private Telemetry telemetry = Telemetry.noop();
  private int maxKept = 100;
  private int batchSize = 100;
  private Duration pollInterval = Duration.ofMillis(500);
  private Duration surveyInterval = Duration.ofSeconds(30);
  private Duration drainTimeout = Duration.ofSeconds(10);
  private Duration retention = Duration.ofDays(30);
  private Duration stashRetention = Duration.ofDays(7);
  private Duration quarantineRetention = Duration.ofDays(90);
  private Duration auditRetention = Duration.ofDays(365);
  private Ticker ticker = Ticker.system();
  private InstantSource clock = InstantSource.system();
  private RandomGenerator random = new SecureRandom();
  private ThreadFactory threads = work -> new Thread(work, "msk-choreography");

  ChoreographyBuilder(Transactor transactor, Outbox outbox, String source, Leases leases) {
    this.transactor = requireNonNull(transactor, "transactor");
    this.outbox = requireNonNull(outbox, "outbox");
    this.source = requireNonNull(source, "source");
    this.leases = requireNonNull(leases, "leases");
  }

  /**
   * Adds a participant, or a watch.
   *
   * @param value one of this service
   * @return this
   */
  public ChoreographyBuilder participant(Participant<?, ?> value) {
    participants.add(requireNonNull(value, "participant"));
    return this;
  }

  /**
   * Sets where the tables are; {@link TableNames#defaults()} by default.
   *
   * @param value the names that the schema was installed with
   * @return this
   */
  public ChoreographyBuilder names(TableNames value) {
    this.names = requireNonNull(value, "names");
    return this;
  }

  /**
   * Sets how states and emitted events are written, and incoming ones read; {@link JacksonCodec#of()} by default.
   *
   * @param value the same in all processes
   * @return this
   */
  public ChoreographyBuilder codec(Codec value) {
    this.codec = requireNonNull(value, "codec");
    return this;
  }

  /**
   * Reports what participants do: {@code msk.choreography.react}, a span for each input, with tags {@code participant} and {@code input};
   * {@code msk.choreography.inputs}, a counter by {@code participant} and {@code result} ({@code started}, {@code applied}, {@code stashed},
   * {@code behind}, {@code quarantined}, {@code ignored}, {@code late}); {@code msk.choreography.flows.stopped}, a counter by {@code flow};
   * gauges {@code msk.choreography.instances} and {@code msk.choreography.kept} by {@code participant} and {@code status}, and {@code
   * msk.choreography.timers.late} in seconds by {@code participant}. By default nothing.
   *
   * @param value where it goes
   * @return this
   */
  public ChoreographyBuilder telemetry(Telemetry value) {
    this.telemetry = requireNonNull(value, "telemetry");
    return this;
  }

  /**
   * Bounds what is kept for one instance, before it starts or in quarantine; 100 by default. Another event is refused with {@link
   * KeptFullException}, and the consumer puts it aside.
   *
   * @param inputs at least 1
   * @return this
   */
  public ChoreographyBuilder maxKept(int inputs) {
    this.maxKept = inputs;
    return this;
  }

  /**
   * Bounds how many due timers of a participant are looked up at once; 100 by default. Each fires in a transaction of its own.
   *
   * @param timers at least 1
   * @return this
   */
  public ChoreographyBuilder batchSize(int timers) {
    this.batchSize = timers;
    return this;
  }

  /**
   * Sets how often due timers are looked for; 500 ms by default, by which they may be late.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder pollInterval(Duration value) {
    this.pollInterval = requireNonNull(value, "pollInterval");
    return this;
  }

  /**
   * Sets how often instances and late timers are counted for the gauges; 30 s by default. Each count reads an index entry for each
   * instance.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder surveyInterval(Duration value) {
    this.surveyInterval = requireNonNull(value, "surveyInterval");
    return this;
  }

  /**
   * Bounds the wait of {@link Choreography#close()} for the timer that fires; 10 s by default.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder drainTimeout(Duration value) {
    this.drainTimeout = requireNonNull(value, "drainTimeout");
    return this;
  }

  /**
   * Sets after which time instances that ended are deleted; 30 days by default. It must exceed the time after which an event can still
   * come: later ones begin an instance anew.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder retention(Duration value) {
    this.retention = requireNonNull(value, "retention");
    return this;
  }

  /**
   * Sets after which time events are deleted that came for an instance which nothing started; 7 days by default. It is logged.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder stashRetention(Duration value) {
    this.stashRetention = requireNonNull(value, "stashRetention");
    return this;
  }

  /**
   * Sets after which time instances in quarantine are deleted, with what is kept for them; 90 days by default. It is logged.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder quarantineRetention(Duration value) {
    this.quarantineRetention = requireNonNull(value, "quarantineRetention");
    return this;
  }

  /**
   * Sets after which time lines of {@code choreography_audit} are deleted; 365 days by default.
   *
   * @param value more than zero
   * @return this
   */
  public ChoreographyBuilder auditRetention(Duration value) {
    this.auditRetention = requireNonNull(value, "auditRetention");
    return this;
  }

  /**
   * Measures this process's waits by another ticker. Timers follow the database's clock.
   *
   * @param value a ticker
   * @return this
   */
  public ChoreographyBuilder ticker(Ticker value) {
    this.ticker = requireNonNull(value, "ticker");
    return this;
  }

  /**
   * Dates emitted events by another clock.
   *
   * @param value a clock
   * @return this
   */
  public ChoreographyBuilder clock(InstantSource value) {
    this.clock = requireNonNull(value, "clock");
    return this;
  }

  /**
   * Makes the ids of emitted events by another generator.
   *
   * @param value thread-safe; a secure one by default
   * @return this
   */
  public ChoreographyBuilder random(RandomGenerator value) {
    this.random = requireNonNull(value, "random");
    return this;
  }

  /**
   * Makes the thread.
   *
   * @param value by default platform threads named {@code msk-choreography}
   * @return this
   */
  public ChoreographyBuilder threadFactory(ThreadFactory value) {
    this.threads = requireNonNull(value, "threads");
    return this;
  }

  /**
   * Makes the choreography, which fires no timers until it is started.
   *
   * @return the choreography
   * @throws IllegalArgumentException naming every setting that is out of bounds
   * @throws dev.msk.core.MissingDependencyException if no codec was given and jackson-databind is not there
   */
  public Choreography build() {
    Map<String, Participant<?, ?>> byName = new TreeMap<>();
    Faults faults = new Faults()
        .check(!participants.isEmpty(), "participants", "none", "at least one")
        .check(!source.isBlank(), "source", source, "a URI-reference")
        .check(maxKept >= 1, "maxKept", maxKept, ">= 1")
        .check(batchSize >= 1, "batchSize", batchSize, ">= 1")
        .check(pollInterval.toMillis() >= 1, "pollInterval", pollInterval, ">= 1 ms")
        .positive("surveyInterval", surveyInterval)
        .positive("drainTimeout", drainTimeout)
        .positive("retention", retention)
        .positive("stashRetention", stashRetention)
        .positive("quarantineRetention", quarantineRetention)
        .positive("auditRetention", auditRetention);
    for (Participant<?, ?> participant : participants) {
      faults.check(
          byName.putIfAbsent(participant.name(), participant) == null,
          "participant",
          participant.name(),
          "a name that no other participant has");
    }
    faults.report();
    Codec format = codec == null ? JacksonCodec.of() : codec;
    return new Choreography(new ChoreographySettings(
        transactor,
        outbox,
        Events.of(source, format, clock, random),
        leases,
        Collections.unmodifiableMap(byName),
        names,
        format,
        new ChoreographyTelemetry(telemetry),
        maxKept,
        batchSize,
        pollInterval,
        surveyInterval,
        drainTimeout,
        retention,
        stashRetention,
        quarantineRetention,
        auditRetention,
        ticker,
        threads));
  }
}
