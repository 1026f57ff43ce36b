package dev.msk.saga.internal;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The executor of a coordinator that is never started, since a test drives its nodes: it learns of what the coordinator was told, and runs in the
 * test's thread what a node has committed elsewhere. Confined to one thread.
 */
public final class DrivenExecutor implements Executor {

  private @Nullable EngineSettings settings;

  void serve(EngineSettings told) {
    this.settings = told;
  }

  public EngineSettings settings() {
    EngineSettings told = settings;
    if (told == null) {
      throw new IllegalStateException("no coordinator (expected: one that was built with this)");
    }
    return told;
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }
}
