package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class CallContextTest {

  private final CallContext orders = CallContext.builder()
      .correlationId("order-42")
      .caller("spiffe://shop.example/orders")
      .build();
  private final CallContext payments = orders.toBuilder().subject("alice").build();

  @Test
  void current_withoutScope_isEmpty() {
    assertThat(CallContext.current()).isSameAs(CallContext.empty());
    assertThat(CallContext.empty().correlationId()).isEmpty();
  }

  @Test
  void makeCurrent_nested_restoresWhatWasBefore() {
    try (Scope outer = orders.makeCurrent()) {
      try (Scope inner = payments.makeCurrent()) {
        assertThat(CallContext.current()).isSameAs(payments);
      }
      assertThat(CallContext.current()).isSameAs(orders);
    }

    assertThat(CallContext.current()).isSameAs(CallContext.empty());
  }

  @Test
  void close_twice_doesNothingMore() {
    Scope scope = orders.makeCurrent();
    scope.close();
    try (Scope other = payments.makeCurrent()) {
      scope.close();

      assertThat(CallContext.current()).isSameAs(payments);
    }
  }

  @Test
  void close_onAnotherThread_isRefused() {
    try (Scope scope = orders.makeCurrent()) {
      CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(scope::close);

      assertThatThrownBy(elsewhere::join).hasRootCauseInstanceOf(IllegalStateException.class);
      assertThat(CallContext.current()).isSameAs(orders);
    }
  }

  @Test
  void wrap_takesTheContextAlong() throws Exception {
    List<CallContext> seen = new ArrayList<>();
    Runnable runnable = () -> seen.add(CallContext.current());
    Callable<CallContext> callable = CallContext::current;
    Executor direct = Runnable::run;

    orders.wrap(runnable).run();
    payments.wrap(direct).execute(runnable);

    assertThat(seen).containsExactly(orders, payments);
    assertThat(orders.wrap(callable).call()).isSameAs(orders);
    assertThat(CallContext.current()).isSameAs(CallContext.empty());
  }

  @Test
  void remaining_followsTheTicker() {
    ManualTime time = ManualTime.create();
    CallContext context =
        orders.toBuilder().deadline(Deadline.after(Duration.ofSeconds(3), time)).build();

    time.advance(Duration.ofSeconds(2));
    assertThat(context.remaining()).contains(Duration.ofSeconds(1));

    time.advance(Duration.ofSeconds(2));
    assertThat(context.remaining()).contains(Duration.ZERO);
    assertThat(orders.remaining()).isEmpty();
  }

  @Test
  void retriedUpstream_isFalse_untilSaid_andGoesAlong() {
    CallContext marked = orders.toBuilder().retriedUpstream(true).build();

    assertThat(orders.retriedUpstream()).isFalse();
    assertThat(marked.toBuilder().subject("alice").build().retriedUpstream()).isTrue();
    assertThat(marked.correlationId()).contains("order-42");
  }

  @Test
  void builder_tooLong_namesFieldAndBounds() {
    assertThatThrownBy(() -> CallContext.builder().correlationId("x".repeat(129)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("correlationId: 129 characters (expected: 1 to 128)");
    assertThatThrownBy(() -> CallContext.builder().subject(""))
        .hasMessage("subject: 0 characters (expected: 1 to 256)");
  }

  @Test
  void builder_controlCharacter_isRefused() {
    assertThatThrownBy(() -> CallContext.builder().caller("a\r\nb"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("caller: control character at index 1 (expected: printable characters)");
  }
}
