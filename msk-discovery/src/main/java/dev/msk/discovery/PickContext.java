package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which instances a call may go to, and what it is about. Immutable; worth keeping when it is used again. */
public final class PickContext {

  private static final PickContext ANY =
      new PickContext(Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

  private final Set<String> excluded;
  private final Optional<String> version;
  private final Optional<String> zone;
  private final Optional<String> key;
  private final boolean excluding;
  private final boolean any;

  private PickContext(
      Set<String> excluded, Optional<String> version, Optional<String> zone, Optional<String> key) {
    this.excluded = excluded;
    this.version = version;
    this.zone = zone;
    this.key = key;
    this.excluding = !excluded.isEmpty();
    this.any = !excluding && version.isEmpty() && zone.isEmpty();
  }

  /**
   * Any instance.
   *
   * @return always the same object
   */
  public static PickContext any() {
    return ANY;
  }

  /**
   * The same, without an instance that failed.
   *
   * @param instance where the call failed
   * @return a copy
   */
  public PickContext excluding(Instance instance) {
    Set<String> more = new HashSet<>(excluded);
    more.add(instance.id());
    return new PickContext(Set.copyOf(more), version, zone, key);
  }

  /**
   * The same, of one version only.
   *
   * @param value as the instances state it
   * @return a copy
   */
  public PickContext version(String value) {
    return new PickContext(excluded, Optional.of(requireNonNull(value, "version")), zone, key);
  }

  /**
   * The same, of one zone only. To prefer a zone instead, see {@link LoadBalancerBuilder#zone}.
   *
   * @param value as the instances state it
   * @return a copy
   */
  public PickContext zone(String value) {
    return new PickContext(excluded, version, Optional.of(requireNonNull(value, "zone")), key);
  }

  /**
   * The same, about something: balancers that are sticky pick the same instance for the same key; the others ignore it.
   *
   * @param value for example the id of a user or of a cache entry
   * @return a copy
   */
  public PickContext key(String value) {
    return new PickContext(excluded, version, zone, Optional.of(requireNonNull(value, "key")));
  }

  /**
   * The only version that will do.
   *
   * @return empty if any will
   */
  public Optional<String> version() {
    return version;
  }

  /**
   * The only zone that will do.
   *
   * @return empty if any will
   */
  public Optional<String> zone() {
    return zone;
  }

  /**
   * What the call is about.
   *
   * @return empty if nobody said
   */
  public Optional<String> key() {
    return key;
  }

  /**
   * Whether every instance will do.
   *
   * @return true if nothing is excluded and neither a version nor a zone asked for
   */
  public boolean isAny() {
    return any;
  }

  /**
   * Whether instances are left out.
   *
   * @return true if at least one is
   */
  public boolean hasExclusions() {
    return excluding;
  }

  /**
   * Whether an instance is left out.
   *
   * @param instance a candidate
   * @return true if it is
   */
  public boolean excludes(Instance instance) {
    return excluded.contains(instance.id());
  }

  /**
   * Whether an instance will do.
   *
   * @param instance a candidate
   * @return false if it is excluded, or of another version or zone
   */
  public boolean accepts(Instance instance) {
    return !excludes(instance)
        && (version.isEmpty() || version.get().equals(instance.version()))
        && (zone.isEmpty() || zone.get().equals(instance.zone()));
  }

  @Override
  public String toString() {
    return "PickContext[excluded=" + excluded + ", version=" + version.orElse("any") + ", zone="
        + zone.orElse("any") + ", key=" + key.orElse("none") + "]";
  }
}
