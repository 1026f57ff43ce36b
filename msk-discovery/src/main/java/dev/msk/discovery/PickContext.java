package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which instances a call may go to. Immutable. */
public final class PickContext {

  private static final PickContext ANY = new PickContext(Set.of(), null);

  private final Set<String> excluded;
  private final @Nullable String version;

  private PickContext(Set<String> excluded, @Nullable String version) {
    this.excluded = excluded;
    this.version = version;
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
    return new PickContext(Set.copyOf(more), version);
  }

  /**
   * The same, of one version only.
   *
   * @param value as the instances state it
   * @return a copy
   */
  public PickContext version(String value) {
    return new PickContext(excluded, requireNonNull(value, "version"));
  }

  /**
   * Whether every instance will do.
   *
   * @return true if nothing is excluded and no version asked for
   */
  public boolean isAny() {
    return excluded.isEmpty() && version == null;
  }

  /**
   * Whether an instance will do.
   *
   * @param instance a candidate
   * @return false if it is excluded or of another version
   */
  public boolean accepts(Instance instance) {
    return !excluded.contains(instance.id())
        && (version == null || version.equals(instance.version()));
  }

  @Override
  public String toString() {
    return "PickContext[excluded=" + excluded + ", version=" + version + "]";
  }
}
