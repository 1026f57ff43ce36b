package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.util.List;

/** Which instances of a list may take calls. */
public final class Candidates {

  private Candidates() {}

  /**
   * Those that are up; all that are up or down if too few are up; those that drain if there is no other.
   *
   * @param instances all that are known
   * @param panicThreshold below which share of healthy ones health is ignored
   * @return the candidates
   */
  public static List<Instance> of(List<Instance> instances, double panicThreshold) {
    List<Instance> up = in(instances, State.UP);
    List<Instance> down = in(instances, State.DOWN);
    int serving = up.size() + down.size();
    if (serving == 0) {
      return in(instances, State.DRAINING);
    }
    if (up.size() < panicThreshold * serving) {
      return instances.stream()
          .filter(instance -> instance.state() == State.UP || instance.state() == State.DOWN)
          .toList();
    }
    return up;
  }

  private static List<Instance> in(List<Instance> instances, State state) {
    return instances.stream().filter(instance -> instance.state() == state).toList();
  }
}
