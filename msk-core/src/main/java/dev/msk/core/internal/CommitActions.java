package dev.msk.core.internal;

import dev.msk.core.jdbc.Transactor;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs after one transaction's commit, each action once, in the order of registration. Confined to one thread. */
public final class CommitActions {

  private static final Logger log = LoggerFactory.getLogger(Transactor.class);

  private final Set<Runnable> actions = new LinkedHashSet<>(4);

  /** No action yet. */
  public CommitActions() {}

  /**
   * Registers an action, once.
   *
   * @param action runs after the commit
   */
  public void add(Runnable action) {
    actions.add(action);
  }

  /** Runs them. Their exceptions are logged: the transaction has taken place. */
  public void run() {
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        log.error("Action {} after a commit failed; the transaction has taken place", action, e);
      }
    }
  }
}
