package dev.msk.discovery.grpc;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.NoInstanceException;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.Candidates;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pushes the snapshots of one service into a channel. */
final class MskNameResolver extends NameResolver {

  /** The weight of the instance behind an address. */
  static final Attributes.Key<Integer> WEIGHT = Attributes.Key.create("dev.msk.discovery.weight");

  private static final Logger log = LoggerFactory.getLogger(GrpcDiscovery.class);
  private static final double PANIC_THRESHOLD = 0.5;

  private final ServiceDiscovery discovery;
  private final String service;
  private final SynchronizationContext channel;
  private final @Nullable Executor offload;
  private @Nullable Subscription subscription;
  private @Nullable Listener2 listener;
  private @Nullable Snapshot latest;

  MskNameResolver(ServiceDiscovery discovery, String service, Args args) {
    this.discovery = discovery;
    this.service = service;
    this.channel = args.getSynchronizationContext();
    this.offload = args.getOffloadExecutor();
  }

  @Override
  public String getServiceAuthority() {
    return service;
  }

  @Override
  public void start(Listener2 value) {
    listener = value;
    subscription = discovery.watch(service, snapshot -> channel.execute(() -> seen(snapshot)));
  }

  @Override
  public void refresh() {
    Snapshot again = latest;
    if (again != null && again.instances().stream().anyMatch(i -> !isLiteral(i.host()))) {
      // A host's name may have come to mean another address.
      lookUp(again);
    }
  }

  @Override
  public void shutdown() {
    listener = null;
    if (subscription != null) {
      subscription.close();
    }
  }

  /** Within the synchronization context, as all that follows. */
  private void seen(Snapshot snapshot) {
    latest = snapshot;
    if (snapshot.freshness() == Freshness.PENDING) {
      return;
    }
    boolean literal = snapshot.instances().stream().allMatch(i -> isLiteral(i.host()));
    if (literal || offload == null) {
      push(snapshot, addresses(snapshot));
    } else {
      lookUp(snapshot);
    }
  }

  private void lookUp(Snapshot snapshot) {
    Runnable work = () -> {
      List<EquivalentAddressGroup> addresses = addresses(snapshot);
      channel.execute(() -> {
        if (latest != null && latest.version() == snapshot.version()) {
          push(snapshot, addresses);
        }
      });
    };
    if (offload == null) {
      work.run();
    } else {
      offload.execute(work);
    }
  }

  private void push(Snapshot snapshot, List<EquivalentAddressGroup> addresses) {
    if (listener == null) {
      return;
    }
    StatusOr<List<EquivalentAddressGroup>> found = addresses.isEmpty()
        ? StatusOr.fromStatus(
            Status.UNAVAILABLE.withDescription(new NoInstanceException(snapshot).getMessage()))
        : StatusOr.fromValue(addresses);
    var unused = listener.onResult2(
        ResolutionResult.newBuilder().setAddressesOrError(found).build());
  }

  private static List<EquivalentAddressGroup> addresses(Snapshot snapshot) {
    List<EquivalentAddressGroup> groups = new ArrayList<>();
    for (Instance instance : candidates(snapshot)) {
      try {
        InetAddress address = InetAddress.getByName(instance.host());
        Attributes attributes =
            Attributes.newBuilder().set(WEIGHT, instance.weight()).build();
        groups.add(new EquivalentAddressGroup(
            new InetSocketAddress(address, instance.port()), attributes));
      } catch (UnknownHostException e) {
        log.warn(
            "{}: no address for {}, the other instances will do", snapshot.service(), instance);
      }
    }
    return groups;
  }

  private static List<Instance> candidates(Snapshot snapshot) {
    return Candidates.of(snapshot.instances(), Instance::state, PANIC_THRESHOLD).members();
  }

  /** Whether a host needs no look-up. */
  private static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  }
}
