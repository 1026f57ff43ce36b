package dev.msk.saga.choreography;

import dev.msk.core.Deadline;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Lease;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.GaugeType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choreography's thread: fires timers while it has their lease, deletes what is old, counts for the gauges.
 *
 * <p>A timer fires in a transaction of its own: the lease is fenced, the instance's row locked, the timer's row deleted if it is still
 * due, and the effect written. A crash before the commit leaves all as it was; somebody fires it then. A cancel that committed before
 * has deleted the row.
 */
final class ChoreographyLoop {

  private static final Logger log = LoggerFactory.getLogger(ChoreographyLoop.class);
  private static final Duration PURGE_INTERVAL = Duration.ofSeconds(30);
  private static final int PURGED_AT_ONCE = 1_000;

  private final ChoreographySettings settings;
  private final Instances instances;
  private final SurveySql surveys;
  private final TimerLeases leases;
  private final Signal signal = new Signal();
  private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
  private volatile boolean stopping;
  private volatile Survey survey = Survey.NONE;
  private Deadline purge;
  private Deadline nextSurvey;

  ChoreographyLoop(ChoreographySettings settings, Instances instances) {
    this.settings = settings;
    this.instances = instances;
    this.surveys = new SurveySql(settings.names());
    this.leases = new TimerLeases(settings);
    this.purge = Deadline.after(PURGE_INTERVAL, settings.ticker());
    this.nextSurvey = Deadline.after(Duration.ZERO, settings.ticker());
  }

  void start() {
    Thread started = settings.threads().newThread(this::run);
    if (stopping || !thread.compareAndSet(null, started)) {
      throw new IllegalStateException("started before (expected: one start)");
    }
    started.start();
  }

  void close() {
    stopping = true;
    signal.raise();
    Thread started = thread.get();
    if (started == null) {
      return;
    }
    try {
      started.join(Math.max(1, settings.drainTimeout().toMillis()));
      if (started.isAlive()) {
        started.interrupt();
        log.warn("Choreography: a timer still fires, interrupted and left");
      }
    } catch (InterruptedException e) {
      started.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<GaugeType.Registration> gauges =
        settings.telemetry().gauges(settings.participants().keySet(), () -> survey);
    try {
      while (!stopping) {
        boolean unused = signal.await(turn());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      gauges.forEach(GaugeType.Registration::close);
      release();
    }
  }

  /** One round; the time until the next. */
  private Duration turn() {
    try {
      leases.tend();
      boolean more = false;
      for (Participant<?, ?> participant : settings.participants().values()) {
        more |= fireDue(participant);
      }
      if (purge.isExpired()) {
        purge = Deadline.after(purgeOld() ? Duration.ZERO : PURGE_INTERVAL, settings.ticker());
      }
      if (nextSurvey.isExpired()) {
        survey = settings
            .transactor()
            .call(tx -> surveys.take(tx, settings.participants().keySet()));
        nextSurvey = Deadline.after(settings.surveyInterval(), settings.ticker());
      }
      return more ? Duration.ZERO : shorter(settings.pollInterval(), leases.untilRenewal());
    } catch (RuntimeException e) {
      log.warn("Choreography: tries again: {}", e.toString());
      return settings.pollInterval();
    }
  }

  /** Whether there may be more that are due. */
  private boolean fireDue(Participant<?, ?> participant) {
    if (leases.of(participant) == null) {
      return false;
    }
    List<TimerSql.Due> due = settings
        .transactor()
        .call(tx -> instances
            .timers()
            .due(tx, participant.name(), participant.version(), settings.batchSize()));
    for (TimerSql.Due timer : due) {
      leases.tend();
      Lease lease = leases.of(participant);
      if (lease == null || stopping) {
        return false;
      }
      fire(participant, timer, lease);
    }
    return due.size() == settings.batchSize();
  }

  private void fire(Participant<?, ?> participant, TimerSql.Due timer, Lease lease) {
    try {
      settings.transactor().run(tx -> {
        if (lease.fence(tx)) {
          boolean unused = instances.timer(tx, participant, timer);
        }
      });
    } catch (RuntimeException e) {
      log.warn(
          "Timer {} of {} {} not fired, tried again: {}",
          timer.timer(),
          participant.name(),
          timer.key(),
          e.toString());
      settings.transactor().run(tx -> instances.timers().postpone(tx, participant.name(), timer));
    }
  }

  /** Whether there is more to delete. */
  private boolean purgeOld() {
    leases.forgetOld();
    int ended = purge(InstanceStatus.ENDED, settings.retention());
    int waiting = purge(InstanceStatus.WAITING, settings.stashRetention());
    int quarantined = purge(InstanceStatus.QUARANTINED, settings.quarantineRetention());
    int audited = settings
        .transactor()
        .call(tx -> instances.rows().purgeAudit(tx, settings.auditRetention(), PURGED_AT_ONCE));
    if (waiting > 0) {
      log.warn(
          "Choreography: {} instances that nothing started in {} deleted, with what was kept",
          waiting,
          settings.stashRetention());
    }
    if (quarantined > 0) {
      log.warn(
          "Choreography: {} instances in quarantine for {} deleted, with what was kept",
          quarantined,
          settings.quarantineRetention());
    }
    return Math.max(Math.max(ended, waiting), Math.max(quarantined, audited)) == PURGED_AT_ONCE;
  }

  private int purge(InstanceStatus status, Duration keep) {
    return settings
        .transactor()
        .call(tx -> instances.rows().purge(tx, status, keep, PURGED_AT_ONCE));
  }

  private void release() {
    try {
      leases.release();
    } catch (DatabaseException e) {
      log.warn("Choreography: leases not released, they expire: {}", e.getMessage());
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
