package dev.msk.core.jooq;

import dev.msk.core.internal.CommitActions;
import java.sql.Connection;
import org.jooq.TransactionContext;
import org.jooq.TransactionListener;
import org.jspecify.annotations.Nullable;

/** The transactions of each thread as a stack, savepoints included. */
final class JooqCommits implements TransactionListener {

  private static final ThreadLocal<Level> INNERMOST = new ThreadLocal<>();

  @Nullable
  Connection connection() {
    Level level = find(null);
    return level == null ? null : level.connection;
  }

  boolean add(Connection connection, Runnable action) {
    Level level = find(connection);
    if (level == null) {
      return false;
    }
    level.actions.add(action);
    return true;
  }

  @Override
  public void beginEnd(TransactionContext context) {
    Connection connection = context.dsl().connectionResult(own -> own);
    INNERMOST.set(new Level(this, context, connection, find(connection), INNERMOST.get()));
  }

  @Override
  public void commitEnd(TransactionContext context) {
    Level ended = end(context);
    if (ended != null && !ended.savepoint) {
      ended.actions.run();
    }
  }

  @Override
  public void rollbackEnd(TransactionContext context) {
    Level unused = end(context);
  }

  /** Null if it had ended before, or never begun: jOOQ rolls back after a begin that failed, too. */
  private @Nullable Level end(TransactionContext context) {
    Level inner = null;
    for (Level level = INNERMOST.get(); level != null; level = level.outer) {
      if (level.owner == this && level.context == context) {
        unlink(level, inner);
        return level;
      }
      inner = level;
    }
    return null;
  }

  private static void unlink(Level ended, @Nullable Level inner) {
    if (inner != null) {
      inner.outer = ended.outer;
    } else if (ended.outer != null) {
      INNERMOST.set(ended.outer);
    } else {
      INNERMOST.remove();
    }
  }

  private @Nullable Level find(@Nullable Connection connection) {
    for (Level level = INNERMOST.get(); level != null; level = level.outer) {
      if (level.owner == this && (connection == null || level.connection == connection)) {
        return level;
      }
    }
    return null;
  }

  /** A transaction, or a savepoint in one, whose actions it shares. */
  private static final class Level {

    final JooqCommits owner;
    final TransactionContext context;
    final Connection connection;
    final boolean savepoint;
    final CommitActions actions;

    @Nullable
    Level outer;

    Level(
        JooqCommits owner,
        TransactionContext context,
        Connection connection,
        @Nullable Level around,
        @Nullable Level outer) {
      this.owner = owner;
      this.context = context;
      this.connection = connection;
      this.savepoint = around != null;
      this.actions = around == null ? new CommitActions() : around.actions;
      this.outer = outer;
    }
  }
}
