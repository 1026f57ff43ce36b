package dev.msk.core;

/**
 * A stretch of code on one thread during which something is current; closing it makes current again what was before.
 *
 * <p>Confined to the thread that opened it. Close it in a {@code try} with resources, the last opened first. A second call
 * of {@link #close()} does nothing.
 */
@FunctionalInterface
public interface Scope extends AutoCloseable {

  /** Ends the stretch. */
  @Override
  void close();
}
