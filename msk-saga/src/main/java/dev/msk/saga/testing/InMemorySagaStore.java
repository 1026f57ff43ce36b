package dev.msk.saga.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.SagaFilter;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaWrite;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sagas in memory, for tests: what {@link SagaStoreContract} asks of a store, by a clock that the test moves. Its transactions are
 * those of an {@link InMemoryDatabase}. A row that another transaction has changed is not waited for: the write fails with SQLSTATE
 * 55P03. Thread-safe.
 */
public final class InMemorySagaStore implements SagaStore {

  private static final Comparator<SagaRow> LONGEST_DUE =
      Comparator.comparing(row -> requireNonNull(row.wakeAt()));

  private final InMemoryDatabase database;
  private final InstantSource clock;
  private final Map<DefinitionId, String> fingerprints = new HashMap<>();
  private final Map<UUID, InMemorySaga> sagas = new LinkedHashMap<>();
  private final Map<UUID, List<SagaStep>> steps = new HashMap<>();
  private final Map<ReplyKey, SagaReply> replies = new HashMap<>();
  private final Map<Object, Object> locked = new HashMap<>();
  private final Map<String, List<UUID>> targets = new HashMap<>();
  private final List<Audit> audits = new ArrayList<>();

  private InMemorySagaStore(InMemoryDatabase database, InstantSource clock) {
    this.database = requireNonNull(database, "database");
    this.clock = requireNonNull(clock, "clock");
  }

  /**
   * An empty store.
   *
   * @param database whose transactions it takes part in
   * @param clock in place of a database's
   * @return a store
   */
  public static InMemorySagaStore of(InMemoryDatabase database, InstantSource clock) {
    return new InMemorySagaStore(database, clock);
  }

  /**
   * A line of the operators' book.
   *
   * @param saga to which saga something was done
   * @param action what
   * @param who did it
   * @param reason why
   */
  public record Audit(UUID saga, String action, String who, String reason) {}

  /**
   * What operators did.
   *
   * @return the oldest first
   */
  public List<Audit> audits() {
    return List.copyOf(audits);
  }

  /** How many lines of history there are. */
  long lines() {
    return steps.values().stream().mapToLong(List::size).sum();
  }

  List<SagaRow> all() {
    return rows(saga -> true);
  }

  @Override
  public String register(Connection tx, DefinitionId definition, String fingerprint)
      throws SQLException {
    String known = fingerprints.get(definition);
    if (known == null) {
      put(tx, fingerprints, definition, fingerprint);
    }
    return known == null ? fingerprint : known;
  }

  @Override
  public SagaInsertion insert(Connection tx, NewSaga saga) throws SQLException {
    Optional<SagaRow> existing = find(tx, saga.definition().name(), saga.businessKey());
    if (existing.isEmpty()) {
      Instant now = clock.instant();
      lockRow(tx, saga.id());
      put(tx, sagas, saga.id(), InMemorySaga.born(saga, now));
      put(tx, steps, saga.id(), List.of());
      write(tx, saga.id(), new SagaStep(0, SagaTransition.START, null, 0, null, null, now));
    }
    return existing
        .map(row -> SagaInsertion.of(row.id()))
        .orElseGet(() -> SagaInsertion.inserted(true));
  }

  @Override
  public List<SagaRow> claim(
      Connection tx, SagaOwner owner, Collection<DefinitionId> definitions, int atMost)
      throws SQLException {
    Instant now = clock.instant();
    Object self = database.identity(tx);
    List<SagaRow> due = rows(saga -> saga.isDue(now)
        && definitions.contains(saga.row().definition())
        && locked.getOrDefault(saga.row().id(), self) == self);
    due.sort(LONGEST_DUE);
    List<SagaRow> claimed = new ArrayList<>();
    for (SagaRow row : due.subList(0, Math.min(atMost, due.size()))) {
      InMemorySaga owned = saga(row.id()).owned(owner);
      change(tx, owned);
      claimed.add(owned.seenAt(now));
    }
    return claimed;
  }

  @Override
  public SagaMoved move(Connection tx, SagaFence fence, SagaMove move) throws SQLException {
    InMemorySaga saga = sagas.get(fence.id());
    if (saga == null || !matches(saga.row(), fence)) {
      return SagaMoved.REFUSED;
    }
    SagaTransition arrow = move.transition();
    if (saga.row().status() != arrow.from().orElseThrow()) {
      return SagaMoved.REFUSED;
    }
    Instant now = clock.instant();
    InMemorySaga moved = saga.moved(move, now);
    change(tx, moved);
    SagaOwner owner = fence.owner();
    write(
        tx,
        fence.id(),
        new SagaStep(
            moved.row().rev(),
            arrow,
            move.triedStep(),
            move.attempt(),
            move.attemptError(),
            owner == null ? null : owner.name(),
            now));
    if (arrow.to().isEnded()) {
      if (fence.target() != null) {
        giveBack(tx, fence.target(), fence.id());
      }
      wakeParent(tx, moved.row().parent());
    }
    return SagaMoved.done(moved.row().cancel());
  }

  @Override
  public List<Optional<SagaMoved>> moveAll(Connection tx, List<SagaWrite> writes)
      throws SQLException {
    Object self = database.identity(tx);
    List<Optional<SagaMoved>> results = new ArrayList<>();
    for (SagaWrite write : writes) {
      UUID id = write.fence().id();
      boolean concernsOthers = write.move().transition().to().isEnded()
          && (write.fence().target() != null
              || (sagas.containsKey(id) && saga(id).row().parent() != null));
      boolean free =
          sagas.containsKey(id) && !concernsOthers && locked.getOrDefault(id, self) == self;
      results.add(free ? Optional.of(move(tx, write.fence(), write.move())) : Optional.empty());
    }
    return results;
  }

  private void wakeParent(Connection tx, @Nullable SagaParent parent) throws SQLException {
    InMemorySaga waits = parent == null ? null : sagas.get(parent.id());
    if (parent == null || waits == null || !waits.waitsForChildOf(parent.step())) {
      return;
    }
    Instant now = clock.instant();
    InMemorySaga woken = waits.released(0, now);
    change(tx, woken);
    SagaTransition arrow = woken.row().status() == SagaStatus.RUNNING
        ? SagaTransition.REPLY
        : SagaTransition.REPLY_BACK;
    write(
        tx,
        parent.id(),
        new SagaStep(
            woken.row().rev(), arrow, parent.step(), woken.row().attempts(), null, null, now));
  }

  @Override
  public boolean migrate(Connection tx, SagaFence fence, SagaRelocation relocation)
      throws SQLException {
    InMemorySaga saga = sagas.get(fence.id());
    SagaTransition arrow = relocation.transition();
    if (saga == null
        || fence.owner() != null
        || !matches(saga.row(), fence)
        || saga.row().status() != arrow.from().orElseThrow()) {
      return false;
    }
    Instant now = clock.instant();
    InMemorySaga moved = saga.migrated(relocation, now);
    change(tx, moved);
    SagaStep line = new SagaStep(
        moved.row().rev(),
        arrow,
        relocation.step(),
        relocation.attempts(),
        relocation.why(),
        null,
        now);
    write(tx, fence.id(), line);
    return true;
  }

  @Override
  public Optional<UUID> acquire(Connection tx, String target, UUID saga, boolean wait)
      throws SQLException {
    lockRow(tx, target);
    List<UUID> line = targets.getOrDefault(target, List.of());
    if (line.isEmpty() || wait) {
      List<UUID> longer = new ArrayList<>(line);
      longer.add(saga);
      put(tx, targets, target, longer);
    }
    return line.stream().findFirst();
  }

  @Override
  public void giveBack(Connection tx, String target, UUID saga) throws SQLException {
    lockRow(tx, target);
    List<UUID> line = targets.getOrDefault(target, List.of());
    List<UUID> shorter = new ArrayList<>(line);
    shorter.remove(saga);
    put(tx, targets, target, shorter);
    if (!shorter.isEmpty() && !shorter.get(0).equals(line.get(0))) {
      change(tx, saga(shorter.get(0)).given(clock.instant()));
    }
  }

  @Override
  public Optional<SagaRow> lock(Connection tx, UUID saga) throws SQLException {
    if (sagas.containsKey(saga)) {
      lockRow(tx, saga);
    }
    return find(tx, saga);
  }

  @Override
  public void cancel(Connection tx, UUID saga, String reason, boolean wake) throws SQLException {
    change(tx, saga(saga).cancelled(reason, wake, clock.instant()));
  }

  @Override
  public boolean handBack(Connection tx, SagaFence fence) throws SQLException {
    InMemorySaga saga = sagas.get(fence.id());
    if (saga == null || fence.owner() == null || !matches(saga.row(), fence)) {
      return false;
    }
    change(tx, saga.released(0, clock.instant()));
    return true;
  }

  @Override
  public Set<Long> owners(Connection tx) {
    Set<Long> epochs = new TreeSet<>();
    for (SagaRow row : rows(saga -> saga.row().owner() != null)) {
      epochs.add(requireNonNull(row.owner()).epoch());
    }
    return epochs;
  }

  @Override
  public int releaseFrom(Connection tx, Collection<Long> epochs, int atMost) throws SQLException {
    Instant now = clock.instant();
    List<SagaRow> orphans = rows(saga -> {
      SagaOwner owner = saga.row().owner();
      return owner != null && epochs.contains(owner.epoch());
    });
    int released = Math.min(atMost, orphans.size());
    for (SagaRow row : orphans.subList(0, released)) {
      change(tx, saga(row.id()).released(1, now));
    }
    return released;
  }

  @Override
  public int releaseAllBut(Connection tx, SagaOwner owner, Collection<UUID> atWork)
      throws SQLException {
    Instant now = clock.instant();
    List<SagaRow> forgotten =
        rows(saga -> isOf(saga.row(), owner) && !atWork.contains(saga.row().id()));
    for (SagaRow row : forgotten) {
      change(tx, saga(row.id()).released(1, now));
    }
    return forgotten.size();
  }

  @Override
  public Received receive(Connection tx, SagaReply reply) throws SQLException {
    InMemorySaga saga = sagas.get(reply.sagaId());
    if (saga == null) {
      return Received.UNKNOWN_SAGA;
    }
    lockRow(tx, reply.sagaId());
    ReplyKey key = new ReplyKey(reply.sagaId(), reply.step(), reply.undo());
    if (replies.containsKey(key)) {
      return Received.DUPLICATE;
    }
    if (saga.row().status().isEnded()) {
      return Received.ENDED;
    }
    put(tx, replies, key, reply);
    SagaTransition arrow = reply.undo() ? SagaTransition.REPLY_BACK : SagaTransition.REPLY;
    if (!saga.waitsFor(reply.step(), arrow)) {
      return Received.KEPT;
    }
    Instant now = clock.instant();
    InMemorySaga woken = saga.woken(now);
    change(tx, woken);
    write(
        tx,
        reply.sagaId(),
        new SagaStep(
            woken.row().rev(), arrow, reply.step(), saga.row().attempts(), null, null, now));
    return Received.ACCEPTED;
  }

  @Override
  public Optional<SagaReply> reply(Connection tx, UUID saga, String step, boolean undo) {
    return Optional.ofNullable(replies.get(new ReplyKey(saga, step, undo)));
  }

  @Override
  public Instant now(Connection tx) {
    return clock.instant();
  }

  @Override
  public Optional<SagaRow> find(Connection tx, UUID saga) {
    return Optional.ofNullable(sagas.get(saga)).map(found -> found.seenAt(clock.instant()));
  }

  @Override
  public Optional<SagaRow> find(Connection tx, String definition, String businessKey) {
    return rows(saga -> saga.row().businessKey().equals(businessKey)
            && saga.row().definition().name().equals(definition))
        .stream()
        .findFirst();
  }

  @Override
  public List<SagaRow> children(Connection tx, UUID parent, String step) {
    List<SagaRow> children = rows(saga -> {
      SagaParent of = saga.row().parent();
      return of != null && of.id().equals(parent) && of.step().equals(step);
    });
    children.sort(Comparator.comparing(row -> row.id().toString()));
    return children;
  }

  @Override
  public List<SagaRow> stuck(Connection tx, int atMost) {
    List<SagaRow> stuck = rows(saga -> saga.row().status().isStuck());
    stuck.sort(Comparator.comparing(SagaRow::updatedAt));
    return List.copyOf(stuck.subList(0, Math.min(atMost, stuck.size())));
  }

  @Override
  public List<SagaRow> list(Connection tx, SagaFilter filter, int atMost) {
    UUID before = filter.before();
    List<SagaRow> listed = rows(saga -> filter.matches(
            saga.row().definition().name(), saga.row().businessKey(), saga.row().status())
        && (before == null || saga.row().id().toString().compareTo(before.toString()) < 0));
    listed.sort(Comparator.comparing((SagaRow row) -> row.id().toString()).reversed());
    return List.copyOf(listed.subList(0, Math.min(atMost, listed.size())));
  }

  @Override
  public List<SagaStep> history(Connection tx, UUID saga) {
    return List.copyOf(steps.getOrDefault(saga, List.of()));
  }

  @Override
  public void audit(Connection tx, UUID saga, String action, String who, String reason)
      throws SQLException {
    Audit line = new Audit(saga, action, who, reason);
    audits.add(line);
    database.onRollback(tx, () -> audits.remove(line));
  }

  @Override
  public int purge(Connection tx, Duration keep, int atMost) throws SQLException {
    Instant before = clock.instant().minus(keep);
    List<SagaRow> old =
        rows(saga -> saga.isEndedBefore(before) && !isNeeded(saga.row().parent()));
    old.sort(Comparator.comparing(SagaRow::updatedAt));
    int purged = Math.min(atMost, old.size());
    for (SagaRow row : old.subList(0, purged)) {
      remove(tx, sagas, row.id());
      remove(tx, steps, row.id());
      for (ReplyKey key : List.copyOf(replies.keySet())) {
        if (key.saga().equals(row.id())) {
          remove(tx, replies, key);
        }
      }
    }
    return purged;
  }

  private boolean isNeeded(@Nullable SagaParent parent) {
    InMemorySaga saga = parent == null ? null : sagas.get(parent.id());
    return saga != null && !saga.row().status().isEnded();
  }

  private List<SagaRow> rows(Predicate<InMemorySaga> which) {
    Instant now = clock.instant();
    List<SagaRow> rows = new ArrayList<>();
    for (InMemorySaga saga : sagas.values()) {
      if (which.test(saga)) {
        rows.add(saga.seenAt(now));
      }
    }
    return rows;
  }

  private InMemorySaga saga(UUID id) {
    return requireNonNull(sagas.get(id), "saga");
  }

  private static boolean matches(SagaRow row, SagaFence fence) {
    return row.rev() == fence.rev() && isOf(row, fence.owner());
  }

  private static boolean isOf(SagaRow row, @Nullable SagaOwner asked) {
    SagaOwner owner = row.owner();
    return owner == null ? asked == null : asked != null && owner.epoch() == asked.epoch();
  }

  private void change(Connection tx, InMemorySaga saga) throws SQLException {
    lockRow(tx, saga.row().id());
    put(tx, sagas, saga.row().id(), saga);
  }

  private void write(Connection tx, UUID saga, SagaStep line) throws SQLException {
    List<SagaStep> longer = new ArrayList<>(steps.getOrDefault(saga, List.of()));
    longer.add(line);
    put(tx, steps, saga, longer);
  }

  private void lockRow(Connection tx, Object key) throws SQLException {
    Object self = database.identity(tx);
    Object holder = locked.putIfAbsent(key, self);
    if (holder == null) {
      database.onEnd(tx, () -> locked.remove(key));
    } else if (holder != self) {
      throw new SQLException(key + ": changed by a transaction that has not ended", "55P03");
    }
  }

  private <K, V> void put(Connection tx, Map<K, V> map, K key, V value) throws SQLException {
    @Nullable V before = map.put(key, value);
    database.onRollback(tx, () -> restore(map, key, before));
  }

  private <K, V> void remove(Connection tx, Map<K, V> map, K key) throws SQLException {
    @Nullable V before = map.remove(key);
    database.onRollback(tx, () -> restore(map, key, before));
  }

  private static <K, V> void restore(Map<K, V> map, K key, @Nullable V before) {
    if (before == null) {
      map.remove(key);
    } else {
      map.put(key, before);
    }
  }

  private record ReplyKey(UUID saga, String step, boolean undo) {}
}
