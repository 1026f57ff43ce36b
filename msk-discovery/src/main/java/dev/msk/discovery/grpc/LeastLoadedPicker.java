package dev.msk.discovery.grpc;

import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import java.util.List;
import java.util.random.RandomGenerator;

/** Of two ready connections drawn at random, the one with less load. */
final class LeastLoadedPicker extends SubchannelPicker {

  private final Connection[] ready;
  private final RandomGenerator random;

  LeastLoadedPicker(List<Connection> ready, RandomGenerator random) {
    this.ready = ready.toArray(Connection[]::new);
    this.random = random;
  }

  @Override
  public PickResult pickSubchannel(PickSubchannelArgs args) {
    if (ready.length == 1) {
      return ready[0].result();
    }
    int first = random.nextInt(ready.length);
    int second = random.nextInt(ready.length - 1);
    Connection a = ready[first];
    Connection b = ready[second < first ? second : second + 1];
    return (b.isLighterThan(a) ? b : a).result();
  }
}
