package dev.msk.core.spring;

import dev.msk.core.internal.CommitActions;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One transaction's actions. Bound to the thread while the transaction is neither suspended nor completed; first among the
 * synchronizations, so that it knows before any other that the transaction is over.
 */
final class SpringCommit implements TransactionSynchronization, Ordered {

  private final Object key;
  private final CommitActions actions = new CommitActions();
  private boolean over;

  private SpringCommit(Object key) {
    this.key = key;
  }

  /** That of the thread's transaction, registered if it is not yet; null if the transaction has ended. */
  static @Nullable SpringCommit ofThisTransaction(Object key) {
    if (TransactionSynchronizationManager.getResource(key) instanceof SpringCommit known) {
      return known;
    }
    if (!TransactionSynchronizationManager.isSynchronizationActive()) {
      return null;
    }
    SpringCommit commit = new SpringCommit(key);
    TransactionSynchronizationManager.registerSynchronization(commit);
    TransactionSynchronizationManager.bindResource(key, commit);
    return commit;
  }

  void add(Runnable action) {
    actions.add(action);
  }

  boolean isOver() {
    return over;
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public void suspend() {
    TransactionSynchronizationManager.unbindResource(key);
  }

  @Override
  public void resume() {
    TransactionSynchronizationManager.bindResource(key, this);
  }

  @Override
  public void afterCommit() {
    over = true;
    actions.run();
  }

  @Override
  public void afterCompletion(int status) {
    over = true;
    TransactionSynchronizationManager.unbindResourceIfPossible(key);
  }
}
