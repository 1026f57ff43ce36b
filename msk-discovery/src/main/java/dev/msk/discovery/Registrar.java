package dev.msk.discovery;

/** Makes an instance known to a registry, and keeps it known. Thread-safe. */
@FunctionalInterface
public interface Registrar {

  /**
   * Registers an instance and goes on doing so: it repeats what fails, sends heartbeats, and registers again when the registry
   * has forgotten the instance. Does not wait; a registry that is away is no error.
   *
   * @param instance this process as others shall see it
   * @return ends it
   * @throws IllegalStateException if the registrar is closed
   */
  Registration register(Instance instance);
}
