package dev.msk.discovery.grpc;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.SHUTDOWN;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import dev.msk.core.Ticker;
import dev.msk.discovery.OutlierEjection;
import dev.msk.discovery.internal.Candidates;
import dev.msk.discovery.internal.balancing.Outliers;
import dev.msk.discovery.internal.balancing.Track;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a connection to each address and picks among those that are ready and not ejected; among all that are ready when fewer than
 * half of them would be left. Confined to the channel's synchronization context; pickers are immutable.
 */
final class LeastLoadedBalancer extends LoadBalancer {

  private static final double PANIC_THRESHOLD = 0.5;

  private final Helper helper;
  private final RandomGenerator random;
  private final Ticker ticker;
  private final Outliers outliers;
  private final Map<EquivalentAddressGroup, Connection> connections = new LinkedHashMap<>();
  private ConnectivityState state = IDLE;
  private List<Connection> ready = List.of();
  private Status failure = Status.UNAVAILABLE;
  private @Nullable ScheduledHandle returning;

  LeastLoadedBalancer(
      Helper helper, RandomGenerator random, OutlierEjection ejection, Ticker ticker) {
    this.helper = helper;
    this.random = random;
    this.ticker = ticker;
    this.outliers = new Outliers(ejection, amount -> {}, amount -> {}, ticker.nanoTime());
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    Map<EquivalentAddressGroup, Integer> wanted = new LinkedHashMap<>();
    for (EquivalentAddressGroup group : resolved.getAddresses()) {
      Integer weight = group.getAttributes().get(MskNameResolver.WEIGHT);
      wanted.put(
          new EquivalentAddressGroup(group.getAddresses()),
          Objects.requireNonNullElse(weight, Integer.valueOf(1)));
    }
    if (wanted.isEmpty()) {
      Status none = Status.UNAVAILABLE.withDescription("no addresses");
      handleNameResolutionError(none);
      return none;
    }
    List<Connection> gone = new ArrayList<>();
    connections.entrySet().removeIf(entry -> {
      boolean leaves = !wanted.containsKey(entry.getKey());
      if (leaves) {
        gone.add(entry.getValue());
      }
      return leaves;
    });
    wanted.forEach((address, weight) -> {
      Connection known = connections.get(address);
      if (known == null) {
        known = connect(address);
        connections.put(address, known);
      }
      known.weight(weight);
    });
    update();
    // After the picker without them is in force; calls under way on them finish.
    gone.forEach(Connection::shutdown);
    return Status.OK;
  }

  private Connection connect(EquivalentAddressGroup address) {
    Subchannel subchannel = helper.createSubchannel(
        CreateSubchannelArgs.newBuilder().setAddresses(address).build());
    Connection connection = new Connection(subchannel, this::failed);
    subchannel.start(info -> {
      if (info.getState() == SHUTDOWN || connections.get(address) != connection) {
        return;
      }
      if (info.getState() == TRANSIENT_FAILURE) {
        failure = info.getStatus();
        helper.refreshNameResolution();
      }
      if (info.getState() == IDLE) {
        subchannel.requestConnection();
      }
      connection.state(info.getState());
      update();
    });
    subchannel.requestConnection();
    return connection;
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (ready.isEmpty()) {
      fail(error);
    }
  }

  private void fail(Status error) {
    state = TRANSIENT_FAILURE;
    helper.updateBalancingState(
        TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
  }

  /** On any thread. */
  private void failed(Track track) {
    long now = ticker.nanoTime();
    if (outliers.mayEject(track, now)) {
      helper.getSynchronizationContext().execute(() -> {
        if (outliers.judge(track, tracks(), now)) {
          update();
        }
      });
    }
  }

  private List<Track> tracks() {
    return connections.values().stream().map(Connection::track).toList();
  }

  private List<Connection> usable() {
    long now = ticker.nanoTime();
    outliers.settle(tracks(), connections.size(), now);
    awaitReturn(now);
    List<Connection> connected =
        connections.values().stream().filter(Connection::isReady).toList();
    return Candidates.of(connected, Connection::health, PANIC_THRESHOLD).members();
  }

  /** Looks again when the first of those who are ejected has served its time. */
  private void awaitReturn(long now) {
    if (returning != null) {
      returning.cancel();
      returning = null;
    }
    tracks().stream()
        .filter(track -> track.ejection().isOn())
        .mapToLong(track -> track.ejection().until() - now)
        .min()
        .ifPresent(nanos -> returning = helper
            .getSynchronizationContext()
            .schedule(
                this::update, nanos, TimeUnit.NANOSECONDS, helper.getScheduledExecutorService()));
  }

  private void update() {
    List<Connection> now = usable();
    if (!now.isEmpty()) {
      if (state != READY || !now.equals(ready)) {
        state = READY;
        ready = now;
        helper.updateBalancingState(READY, new LeastLoadedPicker(now, random));
      }
      return;
    }
    ready = now;
    boolean hope = connections.values().stream().anyMatch(Connection::isConnecting);
    if (hope) {
      state = CONNECTING;
      helper.updateBalancingState(CONNECTING, new FixedResultPicker(PickResult.withNoResult()));
    } else {
      fail(failure);
    }
  }

  @Override
  public void shutdown() {
    if (returning != null) {
      returning.cancel();
    }
    connections.values().forEach(Connection::shutdown);
    connections.clear();
  }
}
