package dev.msk.saga.choreography;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CodecException;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.TableNames;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.InvalidEventException;
import dev.msk.saga.choreography.Counter.Note;
import dev.msk.saga.choreography.Snippets.Captured;
import dev.msk.saga.choreography.Snippets.Placed;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Participants on PostgreSQL. */
@WithServers
final class ChoreographyTest {

  private static final JacksonCodec JSON = JacksonCodec.of();
  private static final Duration NONE = Duration.ZERO;

  private final ChoreographyFixture fixture;

  ChoreographyTest(PostgresServer postgres) {
    this.fixture = new ChoreographyFixture(postgres);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void events_moveTheirInstance_andAreFollowedByOthers_once() throws Exception {
    Choreography choreography = fixture.choreography(Snippets.shipping()).build();
    EventEnvelope placed =
        ChoreographyFixture.EVENTS.event("order.placed", "o-1", new Placed("o-1", 12)).toBuilder()
            .extension(Extension.CORRELATION_ID, "flow-7")
            .build();

    assertThat(fixture.handle(choreography, placed)).isEqualTo(Inbox.Outcome.PROCESSED);
    assertThat(fixture.query("SELECT timer FROM msk_choreography_timer"))
        .containsExactly("payment");
    EventEnvelope captured =
        ChoreographyFixture.EVENTS.event("payment.captured", "o-1", new Captured("o-1"));
    assertThat(fixture.handle(choreography, captured)).isEqualTo(Inbox.Outcome.PROCESSED);
    assertThat(fixture.handle(choreography, captured)).isEqualTo(Inbox.Outcome.DUPLICATE);

    InstanceSnapshot instance = choreography.admin().find("shipping", "o-1").orElseThrow();
    assertThat(instance.status()).isEqualTo(InstanceStatus.ENDED);
    assertThat(instance.correlationId()).contains("flow-7");
    assertThat(instance.state(JSON, Snippets.Shipment.class))
        .contains(new Snippets.Shipment("o-1", true, true));
    assertThat(fixture.published()).containsExactly("parcel.shipped o-1");
    assertThat(fixture.query("SELECT extensions->>'correlationid' FROM msk_outbox"))
        .containsExactly("flow-7");
    assertThat(fixture.query("SELECT extensions->>'causationid' FROM msk_outbox"))
        .containsExactly(captured.id());
    assertThat(fixture.query("SELECT timer FROM msk_choreography_timer")).isEmpty();
  }

  @Test
  void whatRollsBack_wasNeverThere() throws Exception {
    Choreography choreography = fixture.choreography(Snippets.shipping()).build();
    EventEnvelope placed =
        ChoreographyFixture.EVENTS.event("order.placed", "o-1", new Placed("o-1", 12));

    assertThatThrownBy(() -> fixture.transactor.<RuntimeException>run(tx -> {
          handleIn(choreography, tx, placed);
          throw new IllegalStateException("roll back");
        }))
        .hasMessage("roll back");

    assertThat(choreography.admin().find("shipping", "o-1")).isEmpty();
    assertThat(fixture.query("SELECT timer FROM msk_choreography_timer")).isEmpty();
  }

  @Test
  void eventsBeforeTheStart_areKept_andTakenInOrder_whenItComes() throws Exception {
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();

    tell(choreography, "note", "k", "one");
    tell(choreography, "note", "k", "two");
    assertThat(choreography.admin().waiting("counter", 10))
        .singleElement()
        .satisfies(waiting -> assertThat(waiting.kept()).isEqualTo(2))
        .satisfies(waiting -> assertThat(waiting.state()).isNull());
    assertThat(fixture.published()).isEmpty();
    tell(choreography, "begin", "k", "");
    tell(choreography, "note", "k", "three");

    assertThat(told(choreography, "k")).containsExactly("one", "two", "three");
    assertThat(fixture.published()).containsExactly("noted k", "noted k", "noted k");
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_kept")).isEmpty();
  }

  @Test
  void whatIsKept_isBounded_andMoreIsRefused() throws Exception {
    Choreography choreography =
        fixture.choreography(Counter.participant("bad")).maxKept(2).build();
    tell(choreography, "note", "k", "one");
    tell(choreography, "note", "k", "two");

    assertThatThrownBy(() -> tell(choreography, "note", "k", "three"))
        .isInstanceOf(KeptFullException.class)
        .hasMessage("counter k: kept: 3 (expected: at most 2, WAITING)");
    assertThat(choreography.admin().kept("counter", "k")).hasSize(2);
  }

  @Test
  void instanceThatFails_isPutAside_withAllThatFollows_andOthersGoOn() throws Exception {
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();
    tell(choreography, "begin", "k", "");
    tell(choreography, "begin", "other", "");
    tell(choreography, "note", "k", "one");

    EventEnvelope bad = ChoreographyFixture.EVENTS.event("note", "k", new Note("k", "bad"));
    fixture.handle(choreography, bad);
    tell(choreography, "note", "k", "after");
    tell(choreography, "note", "other", "free");

    InstanceSnapshot instance = choreography.admin().quarantined(10).get(0);
    assertThat(instance.key()).isEqualTo("k");
    assertThat(instance.error().orElseThrow())
        .startsWith("note: java.lang.IllegalStateException: cannot take bad at ");
    assertThat(told(choreography, "k")).containsExactly("one");
    assertThat(told(choreography, "other")).containsExactly("free");
    assertThat(choreography.admin().kept("counter", "k"))
        .hasSize(2)
        .first()
        .satisfies(first -> assertThat(first.event()).isEqualTo(bad));
  }

  @Test
  void release_takesWhatItCan_inOrder_andStopsAtWhatItStillCannot() throws Exception {
    Choreography broken = fixture.choreography(Counter.participant("bad")).build();
    tell(broken, "begin", "k", "");
    tell(broken, "note", "k", "bad");
    tell(broken, "note", "k", "worse");
    tell(broken, "note", "k", "after");

    ReleaseResult still = broken.admin().release("counter", "k", "eve", "try");
    assertThat(still.applied()).isZero();
    assertThat(still.status()).isEqualTo(InstanceStatus.QUARANTINED);
    Choreography halfMended = fixture.choreography(Counter.participant("worse")).build();
    ReleaseResult half = halfMended.admin().release("counter", "k", "eve", "release 42");
    assertThat(half.applied()).isEqualTo(1);
    assertThat(half.error()).contains("cannot take worse");
    assertThat(told(halfMended, "k")).containsExactly("bad");
    ReleaseResult mended = halfMended.admin().discard("counter", "k", "eve", "not needed");

    assertThat(mended).isEqualTo(new ReleaseResult(1, InstanceStatus.RUNNING, null));
    assertThat(told(halfMended, "k")).containsExactly("bad", "after");
    tell(halfMended, "note", "k", "on");
    assertThat(fixture.published()).containsExactly("noted k", "noted k", "noted k");
    assertThat(fixture.query("SELECT action FROM msk_choreography_audit ORDER BY seq"))
        .containsExactly("RELEASE", "RELEASE", "DISCARD");
    assertThatThrownBy(() -> halfMended.admin().release("counter", "k", "eve", "again"))
        .isInstanceOf(UnknownInstanceException.class)
        .hasMessage("instance: counter k RUNNING (expected: QUARANTINED)");
  }

  @Test
  void startThatFails_keepsWhatCameBefore_behindIt() throws Exception {
    Choreography broken = fixture.choreography(emitsTooMuch(true)).build();
    tell(broken, "note", "k", "early");
    tell(broken, "begin", "k", "");

    InstanceSnapshot instance = broken.admin().quarantined(10).get(0);
    assertThat(instance.error().orElseThrow()).contains("emit: surprise (expected: ");
    assertThat(instance.state()).isNull();
    assertThat(broken.admin().kept("loose", "k"))
        .extracting(kept -> kept.event() == null ? "" : kept.event().type())
        .containsExactly("begin", "note");
    assertThat(broken.admin().discard("loose", "k", "eve", "no start").status())
        .isEqualTo(InstanceStatus.WAITING);
    Choreography mended = fixture.choreography(emitsTooMuch(false)).build();
    tell(mended, "begin", "k", "");

    assertThat(mended.admin().find("loose", "k").orElseThrow().state(JSON, String.class))
        .contains("k early");
  }

  @Test
  void stateThatCannotBeRead_putsItsInstanceAside_andIsRepaired() throws Exception {
    Participant<Counter, Note> counter = Counter.participant("bad");
    Choreography choreography = fixture.choreography(counter).build();
    tell(choreography, "begin", "k", "");
    fixture.execute("UPDATE msk_choreography_instance SET state = 'no json'::bytea");

    tell(choreography, "note", "k", "one");

    InstanceSnapshot instance = choreography.admin().quarantined(10).get(0);
    assertThat(instance.error().orElseThrow()).contains("CodecException");
    assertThat(instance.state()).isEqualTo("no json".getBytes(StandardCharsets.UTF_8));
    ReleaseResult repaired = choreography
        .admin()
        .repair(counter, "k", new Counter("k", List.of("by hand"), false), "eve", "lost bytes");
    assertThat(repaired).isEqualTo(new ReleaseResult(1, InstanceStatus.RUNNING, null));
    assertThat(told(choreography, "k")).containsExactly("by hand", "one");
  }

  @Test
  void abandonedInstance_ends_andHearsNothingMore() throws Exception {
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();
    tell(choreography, "begin", "k", "");
    tell(choreography, "note", "k", "bad");
    choreography.admin().abandon("counter", "k", "eve", "a test order");

    tell(choreography, "note", "k", "late");

    assertThat(choreography.admin().find("counter", "k").orElseThrow().status())
        .isEqualTo(InstanceStatus.ENDED);
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_kept")).isEmpty();
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_timer")).isEmpty();
    assertThat(fixture.published()).isEmpty();
  }

  @Test
  void timers_fireOnce_andCancelledOnesNever() throws Exception {
    Choreography choreography =
        fixture.start(fixture.choreography(Counter.participant(1, "bad", Duration.ofMillis(150))));
    tell(choreography, "begin", "rings", "");
    fixture.transactor.<Exception>run(tx -> {
      handleIn(choreography, tx, event("begin", "hushed", ""));
      handleIn(choreography, tx, event("hush", "hushed", ""));
      handleIn(choreography, tx, event("begin", "later", ""));
      handleIn(choreography, tx, event("again", "later", ""));
    });

    eventually("rang", () -> !told(choreography, "rings").isEmpty());
    tell(choreography, "begin", "second", "");
    eventually("rang again", () -> !told(choreography, "second").isEmpty());

    assertThat(told(choreography, "rings")).containsExactly("bell");
    assertThat(told(choreography, "hushed")).isEmpty();
    assertThat(told(choreography, "later")).isEmpty();
    assertThat(fixture.published()).containsExactly("rang rings", "rang second");
    assertThat(fixture.query("SELECT instance_key FROM msk_choreography_timer"))
        .containsExactly("later");
  }

  @Test
  void timerThatIsDue_waitsForACancelUnderWay_andThenDoesNotFire() throws Exception {
    Choreography choreography =
        fixture.start(fixture.choreography(Counter.participant(1, "bad", Duration.ofHours(1))));
    tell(choreography, "begin", "k", "");

    fixture.transactor.<Exception>run(tx -> {
      handleIn(choreography, tx, event("note", "k", "locks the row"));
      fixture.execute("UPDATE msk_choreography_timer SET due_at = clock_timestamp()");
      eventually(
          "the timer waits",
          () -> !fixture
              .query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  + " AND datname = current_database()")
              .isEmpty());
      handleIn(choreography, tx, event("hush", "k", ""));
    });
    tell(choreography, "begin", "witness", "");
    fixture.execute("UPDATE msk_choreography_timer SET due_at = clock_timestamp()");
    eventually("looked for timers", () -> !told(choreography, "witness").isEmpty());

    assertThat(told(choreography, "k")).containsExactly("locks the row");
    assertThat(fixture.published()).containsExactly("noted k", "rang witness");
  }

  @Test
  void timerThatFails_putsItsInstanceAside_andIsReleased() throws Exception {
    Choreography broken =
        fixture.start(fixture.choreography(Counter.participant(1, "bell", Duration.ofMillis(1))));
    tell(broken, "begin", "k", "");
    eventually("in quarantine", () -> !broken.admin().quarantined(1).isEmpty());
    tell(broken, "note", "k", "after");
    broken.close();

    assertThat(broken.admin().kept("counter", "k"))
        .first()
        .satisfies(kept -> assertThat(kept.timer()).isEqualTo("bell"));
    Choreography mended = fixture.choreography(Counter.participant("bad")).build();
    mended.admin().release("counter", "k", "eve", "release 42");

    assertThat(told(mended, "k")).containsExactly("bell", "after");
    assertThat(fixture.published()).containsExactly("rang k", "noted k");
  }

  @Test
  void timersOfInstancesInQuarantine_wait() throws Exception {
    Choreography choreography =
        fixture.start(fixture.choreography(Counter.participant(1, "bad", Duration.ofMillis(1))));
    fixture.transactor.<Exception>run(tx -> {
      handleIn(choreography, tx, event("begin", "k", ""));
      handleIn(choreography, tx, event("note", "k", "bad"));
    });
    tell(choreography, "begin", "witness", "");
    eventually("rang", () -> !told(choreography, "witness").isEmpty());
    assertThat(told(choreography, "k")).isEmpty();

    choreography.admin().discard("counter", "k", "eve", "not needed");

    eventually("rang", () -> told(choreography, "k").equals(List.of("bell")));
  }

  @Test
  void watch_seesAFlowThatStopped() throws Exception {
    Participant<FlowProgress, Object> watch = Watch.builder("flow", 1)
        .expect("begin", Note.class, Note::key)
        .then("noted", Note.class, Note::key)
        .within(Duration.ofMillis(100))
        .otherwise("flow.stopped", stopped -> stopped);
    Choreography choreography = fixture.start(fixture.choreography(watch));
    fixture.transactor.<Exception>run(tx -> {
      handleIn(choreography, tx, event("begin", "goes", ""));
      handleIn(choreography, tx, event("noted", "goes", ""));
    });

    tell(choreography, "begin", "stops", "");
    eventually("seen", () -> !fixture.published().isEmpty());

    assertThat(fixture.published()).containsExactly("flow.stopped stops");
    assertThat(
            choreography.admin().find("flow", "goes").orElseThrow().state(JSON, FlowProgress.class))
        .contains(new FlowProgress("goes", List.of("begin", "noted"), 2, true, false));
  }

  @Test
  void twoProcesses_thatTellOneInstance_loseNoUpdate() throws Exception {
    List<Choreography> processes = List.of(
        fixture.choreography(Counter.participant(1, "bad", NONE)).build(),
        fixture.choreography(Counter.participant(1, "bad", NONE)).build());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> senders = new ArrayList<>();
      for (int sender = 0; sender < 4; sender++) {
        int name = sender;
        senders.add(threads.submit(() -> {
          for (int i = 0; i < 25; i++) {
            tell(processes.get(name % 2), "note", "k", name + "-" + i);
          }
          return null;
        }));
      }
      tell(processes.get(0), "begin", "k", "");
      for (Future<?> sender : senders) {
        sender.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(told(processes.get(0), "k")).hasSize(100).doesNotHaveDuplicates();
    assertThat(told(processes.get(0), "k"))
        .filteredOn(text -> text.startsWith("3-"))
        .isSortedAccordingTo((one, other) ->
            Integer.parseInt(one.substring(2)) - Integer.parseInt(other.substring(2)));
    assertThat(fixture.query("SELECT DISTINCT id FROM msk_outbox")).hasSize(100);
  }

  @Test
  void stateOfANewerVersion_isRefused_andLeftToThoseWhoKnowIt() throws Exception {
    Choreography newer = fixture
        .choreography(Counter.participant(2, "bad", Duration.ofMillis(1)))
        .build();
    tell(newer, "begin", "k", "");
    Choreography older =
        fixture.start(fixture.choreography(Counter.participant(1, "bad", Duration.ofMillis(1))));
    tell(older, "begin", "witness", "");
    eventually("looked for timers", () -> !told(older, "witness").isEmpty());

    assertThatThrownBy(() -> tell(older, "note", "k", "one"))
        .isInstanceOf(NewerStateException.class)
        .hasMessage("counter k: version: 2 (expected: at most 1, which is registered here)");
    assertThat(told(older, "k")).isEmpty();
    assertThat(fixture.start(
            fixture.choreography(Counter.participant(2, "bad", Duration.ofMillis(1)))))
        .isNotNull();
    eventually("rang", () -> told(older, "k").equals(List.of("bell")));
  }

  @Test
  void stateOfAnOlderVersion_isUpgraded() throws Exception {
    Choreography older = fixture.choreography(Counter.participant("bad")).build();
    tell(older, "begin", "k", "");
    tell(older, "note", "k", "one");
    Participant<Integer, Note> counts = Participant.builder("counter", 2, Integer.class, Note.class)
        .endsWhen(count -> count < 0)
        .upgrade(1, Counter.class, state -> state.told().size())
        .startsOn("begin", Note.class, Note::key, note -> 0)
        .on("note", Note.class, Note::key)
        .evolve((count, note) -> count + 1)
        .build();

    Choreography newer = fixture.choreography(counts).build();
    tell(newer, "note", "k", "two");

    InstanceSnapshot instance = newer.admin().find("counter", "k").orElseThrow();
    assertThat(instance.state(JSON, Integer.class)).contains(2);
    assertThat(instance.version()).isEqualTo(2);
    assertThat(fixture.query("SELECT version FROM msk_choreography_timer")).containsExactly("2");
  }

  @Test
  void eventsThatBelongToNoInstance_areTheConsumersToPark() {
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();
    EventEnvelope unreadable = EventEnvelope.builder("1", "/orders", "note")
        .data("application/json", new byte[] {'{'})
        .build();

    assertThatThrownBy(() -> fixture.handle(choreography, unreadable))
        .isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> tell(choreography, "note", "", "no key"))
        .isInstanceOf(InvalidEventException.class);
  }

  @Test
  void oldInstances_areDeleted_byWhatTheyAre() throws Exception {
    Choreography told = fixture.choreography(Counter.participant("bad")).build();
    for (String key : List.of("ended", "quarantined", "running")) {
      tell(told, "begin", key, "");
    }
    tell(told, "end", "ended", "");
    tell(told, "note", "quarantined", "bad");
    tell(told, "note", "waiting", "early");
    told.admin().release("counter", "quarantined", "eve", "audited");
    fixture.execute("UPDATE msk_choreography_instance SET rested_at = rested_at - interval '8 days'"
        + " WHERE rested_at IS NOT NULL");
    fixture.execute("UPDATE msk_choreography_audit SET at = at - interval '400 days'");

    fixture.transactor.run(tx -> purge(tx, Duration.ofDays(9), 0));
    fixture.transactor.run(tx -> purge(tx, Duration.ofDays(7), 3));

    assertThat(fixture.query("SELECT instance_key FROM msk_choreography_instance"))
        .containsExactly("running");
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_kept")).isEmpty();
    assertThat(fixture.query("SELECT instance_key FROM msk_choreography_timer"))
        .containsExactly("running");
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_audit")).isEmpty();
  }

  @Test
  void settings_outOfBounds_areAllNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fixture
            .choreography(Counter.participant("bad"), Counter.participant("worse"))
            .maxKept(0)
            .retention(NONE)
            .build())
        .withMessage("maxKept: 0 (expected: >= 1); retention: PT0S (expected: more than zero);"
            + " participant: counter (expected: a name that no other participant has)");
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> choreography.admin().quarantined(0))
        .withMessage("atMost: 0 (expected: 1 to 1000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> choreography.admin().release("nobody", "k", "eve", "why"))
        .withMessage("participant: nobody (expected: one of [counter])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> choreography.admin().release("counter", "k", "", "why"))
        .withMessageStartingWith("who, reason: '', 'why' (expected: ");
    assertThatThrownBy(() -> choreography.admin().release("counter", "k", "eve", "why"))
        .isInstanceOf(UnknownInstanceException.class)
        .hasMessage("instance: counter k (expected: one that exists)");
  }

  private static Participant<String, Note> emitsTooMuch(boolean tooMuch) {
    return Participant.builder("loose", 1, String.class, Note.class)
        .endsWhen(String::isEmpty)
        .startsOn("begin", Note.class, Note::key, Note::key)
        .react((state, note) -> tooMuch ? List.of(Effect.emit("surprise", "k", "v")) : List.of())
        .on("note", Note.class, Note::key)
        .evolve((state, note) -> state + " " + note.text())
        .build();
  }

  private static void purge(Connection tx, Duration keep, int expected) throws SQLException {
    InstanceSql rows = new InstanceSql(TableNames.defaults());
    int purged = 0;
    for (InstanceStatus status :
        List.of(InstanceStatus.ENDED, InstanceStatus.WAITING, InstanceStatus.QUARANTINED)) {
      purged += rows.purge(tx, status, keep, 100);
    }
    assertThat(purged).isEqualTo(expected);
    assertThat(rows.purgeAudit(tx, Duration.ofDays(365), 100)).isEqualTo(expected == 0 ? 1 : 0);
  }

  private static EventEnvelope event(String type, String key, String text) {
    return ChoreographyFixture.EVENTS.event(type, key, new Note(key, text));
  }

  private void tell(Choreography choreography, String type, String key, String text)
      throws Exception {
    fixture.handle(choreography, type, key.isEmpty() ? "none" : key, new Note(key, text));
  }

  private static void handleIn(Choreography choreography, Connection tx, EventEnvelope event) {
    try {
      choreography.events().handle(tx, event);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> told(Choreography choreography, String key) {
    return choreography
        .admin()
        .find("counter", key)
        .flatMap(instance -> instance.state(JSON, Counter.class))
        .map(Counter::told)
        .orElse(List.of());
  }
}
