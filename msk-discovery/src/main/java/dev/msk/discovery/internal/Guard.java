package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an answer of a registry is believed. Confined to one thread.
 *
 * <p>What counts is the loss: instances that were up and are missing, less those that are new. A single instance that comes
 * back on another port is no loss, nor are instances that said before that they would go.
 */
final class Guard {

  private final double maxLoss;
  private final Duration confirmAfter;
  private List<Instance> good = List.of();
  private @Nullable Instant lossSince;

  Guard(double maxLoss, Duration confirmAfter) {
    this.maxLoss = maxLoss;
    this.confirmAfter = confirmAfter;
  }

  /**
   * What to go by.
   *
   * @param instances what was reported, and after it what is kept against the report
   * @param held how many are kept against the report
   */
  record Verdict(List<Instance> instances, int held) {}

  Verdict judge(List<Instance> reported, Instant now) {
    Set<String> present = ids(reported);
    Set<String> before = ids(good);
    List<Instance> missing = good.stream()
        .filter(Guard::isUp)
        .filter(instance -> !present.contains(instance.id()))
        .toList();
    long added = reported.stream()
        .filter(Guard::isUp)
        .filter(i -> !before.contains(i.id()))
        .count();
    long loss = missing.size() - added;
    boolean empty = reported.isEmpty() && !missing.isEmpty();
    if (!empty && (loss <= maxLoss * good.stream().filter(Guard::isUp).count() || confirmed(now))) {
      lossSince = null;
      good = List.copyOf(reported);
      return new Verdict(good, 0);
    }
    if (lossSince == null) {
      lossSince = now;
    }
    List<Instance> both = new ArrayList<>(reported);
    both.addAll(missing);
    good = List.copyOf(both);
    return new Verdict(good, missing.size());
  }

  private boolean confirmed(Instant now) {
    return lossSince != null && !now.isBefore(lossSince.plus(confirmAfter));
  }

  private static boolean isUp(Instance instance) {
    return instance.state() == Instance.State.UP;
  }

  private static Set<String> ids(List<Instance> instances) {
    Set<String> ids = new HashSet<>();
    instances.forEach(instance -> ids.add(instance.id()));
    return ids;
  }
}
