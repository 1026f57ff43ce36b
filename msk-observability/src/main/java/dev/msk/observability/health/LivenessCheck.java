package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/**
 * Asks whether this process can go on. An orchestrator restarts a process whose liveness is down, and a restart mends nothing
 * outside of it: a database that is away would take every instance down with it. So there is no way to make one of these from
 * code that asks elsewhere; they are made by the factories here and by {@link Heartbeat}. Immutable.
 */
public final class LivenessCheck {

  private final String name;
  private final Supplier<Health> check;

  LivenessCheck(String name, Supplier<Health> check) {
    this.name = requireNonNull(name, "name");
    this.check = check;
  }

  /**
   * Down once a thread has ended.
   *
   * @param name of the check
   * @param thread that must go on
   * @return the check
   */
  public static LivenessCheck threadAlive(String name, Thread thread) {
    requireNonNull(thread, "thread");
    return new LivenessCheck(
        name, () -> thread.isAlive() ? Health.up() : Health.down("thread has ended"));
  }

  /**
   * Down while threads wait for one another in a circle. It stops all threads for a moment.
   *
   * @return the check, named {@code deadlock}
   */
  public static LivenessCheck noDeadlock() {
    return new LivenessCheck("deadlock", () -> {
      long[] threads = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
      return threads == null
          ? Health.up()
          : Health.down("deadlock").with("threads", String.valueOf(threads.length));
    });
  }

  /**
   * The check's name.
   *
   * @return as it was given
   */
  public String name() {
    return name;
  }

  Health check() {
    return check.get();
  }
}
