package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an answer of a registry is believed. Confined to one thread.
 *
 * <p>What counts is the loss: instances that were up and are missing, less those that are new. A single instance that comes
 * back on another port is no loss, nor are instances that said before that they would go. How much loss is believed at once
 * depends: of a registry that answers steadily, {@code maxLoss}; none at all while a loss is held already, or for {@code
 * confirmAfter} after the registry was away or knew nobody, since it may have forgotten those who have yet to register again. What
 * is not believed is held, each instance until it has been missing for {@code confirmAfter}.
 */
final class Guard {

  private final double maxLoss;
  private final Duration confirmAfter;
  private final Map<String, Instant> missingSince = new HashMap<>();
  private List<Instance> good = List.of();
  private List<Instance> believed = List.of();
  private boolean remembered;
  private boolean away;
  private @Nullable Instant doubtfulUntil;

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

  /** A list of an earlier process: better than an empty answer, and nothing beside one that is not. */
  void remember(List<Instance> list) {
    good = List.copyOf(list);
    remembered = true;
  }

  /** The registry did not answer. */
  void failed() {
    away = true;
    missingSince.clear();
  }

  Verdict judge(List<Instance> reported, Instant now) {
    Set<String> present = ids(reported);
    List<Instance> missing = up(good).filter(i -> !present.contains(i.id())).toList();
    if (reported.isEmpty() && !missing.isEmpty()) {
      failed();
      return hold(reported, missing);
    }
    if (away) {
      away = false;
      doubtfulUntil = now.plus(confirmAfter);
    }
    if (remembered || loss(reported, missing) <= lossAllowed(now)) {
      return believe(reported);
    }
    missingSince.keySet().removeAll(present);
    missing.forEach(instance -> missingSince.putIfAbsent(instance.id(), now));
    List<Instance> held = missing.stream().filter(i -> !isConfirmed(i, now)).toList();
    return held.isEmpty() ? believe(reported) : hold(reported, held);
  }

  private long loss(List<Instance> reported, List<Instance> missing) {
    Set<String> before = ids(believed);
    return missing.size() - up(reported).filter(i -> !before.contains(i.id())).count();
  }

  private double lossAllowed(Instant now) {
    boolean doubtful = doubtfulUntil != null && now.isBefore(doubtfulUntil);
    return doubtful || !missingSince.isEmpty() ? 0 : maxLoss * up(good).count();
  }

  private boolean isConfirmed(Instance missing, Instant now) {
    Instant since = missingSince.getOrDefault(missing.id(), now);
    return !now.isBefore(since.plus(confirmAfter));
  }

  private Verdict believe(List<Instance> reported) {
    missingSince.clear();
    remembered = false;
    good = List.copyOf(reported);
    believed = good;
    return new Verdict(good, 0);
  }

  private Verdict hold(List<Instance> reported, List<Instance> held) {
    List<Instance> both = new ArrayList<>(reported);
    both.addAll(held);
    good = List.copyOf(both);
    return new Verdict(good, held.size());
  }

  private static Stream<Instance> up(List<Instance> instances) {
    return instances.stream().filter(instance -> instance.state() == Instance.State.UP);
  }

  private static Set<String> ids(List<Instance> instances) {
    Set<String> ids = new HashSet<>();
    instances.forEach(instance -> ids.add(instance.id()));
    return ids;
  }
}
