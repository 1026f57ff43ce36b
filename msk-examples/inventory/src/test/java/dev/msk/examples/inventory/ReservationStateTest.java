package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.examples.contracts.inventory.Refusals;
import dev.msk.examples.inventory.ReservationState.Call;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each call in each state, over the wire: what it answers, and what is in the database then. */
@WithServers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReservationStateTest {

  private RunningInventory inventory;

  @BeforeAll
  void start(PostgresServer postgres, @TempDir Path folder) {
    inventory = RunningInventory.start(folder, postgres.newDatabase());
  }

  @AfterAll
  void stop() {
    inventory.close();
  }

  static Stream<Arguments> callsInStates() {
    return Stream.of(ReservationState.values())
        .flatMap(state -> Stream.of(Call.values()).map(call -> Arguments.of(state, call)));
  }

  @ParameterizedTest
  @MethodSource("callsInStates")
  void call_doesWhatTheTableSays(ReservationState state, Call call) {
    String order = state + "-" + call;
    List<Long> before = inventory.stock("tea");
    bring(order, state);

    Throwable refusal = catchThrowable(() -> make(order, call));

    Optional<ReservationState> next = state.after(call);
    if (next.isPresent()) {
      assertThat(refusal).isNull();
    } else {
      assertThat(Refusals.reason(refusal)).isEqualTo(state.refusal(call));
    }
    ReservationState now = next.orElse(state);
    assertThat(inventory.query("SELECT state FROM reservation WHERE order_id = '" + order + "'"))
        .isEqualTo(now == ReservationState.NONE ? "" : now.name());
    long reserved = now == ReservationState.RESERVED ? 3 : 0;
    long sold = now == ReservationState.SOLD ? 3 : 0;
    assertThat(inventory.stock("tea"))
        .containsExactly(
            before.get(0) - reserved - sold, before.get(1) + reserved, before.get(2) + sold);
  }

  @Test
  void everyCallThatLeadsNowhere_hasAReason() {
    assertThat(callsInStates().map(Arguments::get)).allSatisfy(pair -> {
      ReservationState state = (ReservationState) pair[0];
      Call call = (Call) pair[1];
      assertThat(state.refusal(call) == null).isEqualTo(state.after(call).isPresent());
    });
  }

  @Test
  void diagram_isGeneratedFromTheTable() throws Exception {
    assertThat(Files.readString(Path.of("docs", "states.md")))
        .as("docs/states.md must contain:\n" + ReservationState.diagram())
        .contains("```mermaid\n" + ReservationState.diagram() + "```");
  }

  private void bring(String order, ReservationState state) {
    switch (state) {
      case NONE -> {}
      case RESERVED -> make(order, Call.RESERVE);
      case RELEASED -> {
        make(order, Call.RESERVE);
        make(order, Call.RELEASE);
      }
      case SOLD -> {
        make(order, Call.RESERVE);
        make(order, Call.COMMIT);
      }
    }
  }

  private void make(String order, Call call) {
    switch (call) {
      case RESERVE -> inventory.reserve(order, "tea", 3);
      case RELEASE -> inventory.release(order);
      case COMMIT -> inventory.commit(order);
    }
  }
}
