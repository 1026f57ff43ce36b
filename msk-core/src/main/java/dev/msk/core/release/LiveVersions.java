package dev.msk.core.release;

import java.util.Set;

/** Which versions of a service are alive, as far as a registry knows. Thread-safe; does not block. */
@FunctionalInterface
public interface LiveVersions {

  /**
   * The versions of all instances that are not gone, draining ones included.
   *
   * @param service name of the service
   * @return what is known, and how sure it is
   */
  Answer of(String service);

  /**
   * What is known.
   *
   * @param versions versions as the instances state them, {@code unknown} for one that states none
   * @param certain false when the registry is away or its answer is old: then a version that is not named may be alive
   */
  record Answer(Set<String> versions, boolean certain) {

    /**
     * Keeps a copy.
     *
     * @param versions versions as the instances state them
     * @param certain whether the registry has answered lately
     */
    public Answer {
      versions = Set.copyOf(versions);
    }
  }
}
