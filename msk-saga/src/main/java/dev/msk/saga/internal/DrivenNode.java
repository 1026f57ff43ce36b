package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator's node that a test drives, turn by turn, in the test's thread: the real claims and the real worker, on a connection at whose
 * transactions the test decides what happens.
 */
public final class DrivenNode implements Node {

  private final SagaOwner owner;
  private final Fate fate;
  private final int claims;
  private final SagaClaims claiming;
  private final SagaWorker worker;
  private final SagasAtWork running = new SagasAtWork();
  private boolean claimsNow;

  /** {@code atOnce} bounds the sagas of one turn. */
  public DrivenNode(SagaOwner owner, EngineSettings settings, int atOnce, Fate fate) {
    this.owner = owner;
    this.fate = fate;
    this.claims = atOnce;
    EngineSettings watched = settings.on(new Watched(settings.transactor()));
    this.claiming = new SagaClaims(watched);
    this.worker = new SagaWorker(watched, new CallTimeouts(), this);
  }

  /** What happens to the node; each of these may be its {@linkplain NodeDeath death}. */
  public interface Fate {

    boolean holdsLease();

    boolean isStopping();

    /** Of some owners, those that are gone. */
    Set<Long> gone(Set<Long> owners);

    /** May throw that the database is away. */
    void beforeTransaction();

    /** May break the connection. */
    void beforeCommit() throws SQLException;

    /** May throw that the commit's answer is lost. */
    void afterCommit();
  }

  /** One turn of the loop: whether a saga was claimed. */
  public boolean turn() {
    if (claimsNow) {
      return false;
    }
    List<SagaRow> claimed = claim();
    for (SagaRow row : claimed) {
      worker.run(row, () -> running.leave(row.id()));
    }
    return !claimed.isEmpty();
  }

  /** Whether it looks for work, and is not at it. */
  public boolean isClaiming() {
    return claimsNow;
  }

  public SagaOwner owner() {
    return owner;
  }

  private List<SagaRow> claim() {
    claimsNow = true;
    try {
      claiming.takeOver(fate::gone);
      claiming.releaseForgotten(owner, running.ids());
      List<SagaRow> claimed = claiming.claim(owner, claims);
      claimed.forEach(row -> running.enter(row.id()));
      return claimed;
    } catch (DatabaseException e) {
      return List.of();
    } finally {
      claimsNow = false;
    }
  }

  @Override
  public boolean holds(@Nullable SagaOwner who) {
    return fate.holdsLease() && owner.equals(who);
  }

  @Override
  public boolean isStopping() {
    return fate.isStopping();
  }

  @Override
  public boolean pause(Duration time, @Nullable SagaOwner who) {
    return holds(who);
  }

  @Override
  public void dueIn(Duration time) {}

  private final class Watched implements Transactor {

    private final Transactor transactor;

    Watched(Transactor transactor) {
      this.transactor = transactor;
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      fate.beforeTransaction();
      T result = transactor.<T, X>call(tx -> {
        T done = work.run(tx);
        fate.beforeCommit();
        return done;
      });
      fate.afterCommit();
      return result;
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      Boolean unused = this.<Boolean, X>call(tx -> {
        action.run(tx);
        return true;
      });
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }
  }
}
