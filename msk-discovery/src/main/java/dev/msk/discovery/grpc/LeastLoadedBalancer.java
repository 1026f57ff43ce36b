package dev.msk.discovery.grpc;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.SHUTDOWN;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Keeps a connection to each address and picks among those that are ready. Confined to the channel's synchronization context;
 * pickers are immutable.
 */
final class LeastLoadedBalancer extends LoadBalancer {

  private final Helper helper;
  private final RandomGenerator random;
  private final Map<EquivalentAddressGroup, Connection> connections = new LinkedHashMap<>();
  private ConnectivityState state = IDLE;
  private List<Connection> ready = List.of();
  private Status failure = Status.UNAVAILABLE;

  LeastLoadedBalancer(Helper helper, RandomGenerator random) {
    this.helper = helper;
    this.random = random;
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
    Connection connection = new Connection(subchannel);
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

  private void update() {
    List<Connection> now =
        connections.values().stream().filter(Connection::isReady).toList();
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
    connections.values().forEach(Connection::shutdown);
    connections.clear();
  }
}
