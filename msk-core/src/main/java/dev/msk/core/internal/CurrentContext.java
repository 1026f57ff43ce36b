package dev.msk.core.internal;

import dev.msk.core.CallContext;
import org.jspecify.annotations.Nullable;

/**
 * What is current in a thread: a context that is there, or one that is made once somebody asks for it.
 *
 * <p>When nothing is current any more, the thread's entry is emptied and stays. It holds nothing; removed, it would be made anew, and
 * thrown away again, by each call.
 */
public final class CurrentContext {

  /** Knows a context. Confined to the thread in which it is current. */
  @FunctionalInterface
  public interface Source {

    /**
     * The context.
     *
     * @return always the same object
     */
    CallContext context();
  }

  private static final ThreadLocal<Source> CURRENT = new ThreadLocal<>();

  private CurrentContext() {}

  /**
   * What is current in this thread.
   *
   * @return null if nothing is
   */
  public static @Nullable Source get() {
    return CURRENT.get();
  }

  /**
   * Makes something current in this thread, in place of what was.
   *
   * @param source null for nothing
   */
  public static void set(@Nullable Source source) {
    CURRENT.set(source);
  }
}
