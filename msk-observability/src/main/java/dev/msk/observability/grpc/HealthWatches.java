package dev.msk.observability.grpc;

import dev.msk.core.Scheduler;
import dev.msk.observability.health.HealthGroup;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open watches, and the task that looks for changes while there are any. Guarded by itself. */
final class HealthWatches {

  private static final Logger log = LoggerFactory.getLogger(GrpcHealth.class);
  private static final Status STOPPING =
      Status.UNAVAILABLE.withDescription("health is watched no more: the process stops");

  private final ServedHealth health;
  private final Scheduler scheduler;
  private final Duration interval;
  private final int most;
  private final Set<HealthWatch> open = new HashSet<>();
  private Scheduler.@Nullable Task next;
  private boolean closed;

  HealthWatches(ServedHealth health, Scheduler scheduler, Duration interval, int most) {
    this.health = health;
    this.scheduler = scheduler;
    this.interval = interval;
    this.most = most;
  }

  /** Takes a call, for as long as it lasts, or refuses it. */
  void open(@Nullable HealthGroup group, ServerCallStreamObserver<HealthCheckResponse> call) {
    HealthWatch watch = new HealthWatch(group, call);
    call.setOnCancelHandler(() -> leave(watch));
    Status entered = enter(watch);
    if (entered.isOk()) {
      watch.tell(status(group));
    } else {
      watch.end(entered);
    }
  }

  synchronized int size() {
    return open.size();
  }

  /** Tells every watch how it is now, which is the last that it hears, and ends it. */
  void close() {
    List<HealthWatch> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(open);
      open.clear();
      if (next != null) {
        next.cancel();
        next = null;
      }
    }
    for (HealthWatch watch : left) {
      watch.tell(status(watch.group()));
      watch.end(STOPPING);
    }
  }

  private synchronized Status enter(HealthWatch watch) {
    if (closed) {
      return STOPPING;
    }
    if (open.size() >= most) {
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "watches: " + open.size() + " (expected: at most " + most + " at once)");
    }
    if (next == null && !schedule()) {
      return STOPPING;
    }
    open.add(watch);
    return Status.OK;
  }

  private synchronized void leave(HealthWatch watch) {
    open.remove(watch);
  }

  private void look() {
    Map<HealthGroup, ServingStatus> now = new EnumMap<>(HealthGroup.class);
    for (HealthWatch watch : present()) {
      HealthGroup group = watch.group();
      if (group != null) {
        watch.tell(now.computeIfAbsent(group, health::status));
      }
    }
    if (!goesOn()) {
      close();
    }
  }

  private synchronized List<HealthWatch> present() {
    return List.copyOf(open);
  }

  private synchronized boolean goesOn() {
    next = null;
    return open.isEmpty() || closed || schedule();
  }

  private boolean schedule() {
    try {
      next = scheduler.schedule(interval, this::look);
      return true;
    } catch (RejectedExecutionException e) {
      log.warn("gRPC health: scheduler has shut down, nobody can watch any more");
      return false;
    }
  }

  private ServingStatus status(@Nullable HealthGroup group) {
    return group == null ? ServingStatus.SERVICE_UNKNOWN : health.status(group);
  }
}
