package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The current operation on the other side of whatever carries a task from thread to thread: the table of docs/trace-context.md. */
final class ContextCarriersTest {

  private final Recorded recorded = new Recorded();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), new SimpleMeterRegistry());
  private final BoundOperation bound = telemetry
      .operation(OperationSpec.builder("shop.order", OperationKind.INTERNAL).build())
      .bind();
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(1);
  private final Operation order = bound.start(TelemetryContext.root());
  private Scope scope;

  @BeforeEach
  void makeCurrent() {
    scope = order.makeCurrent();
  }

  @AfterEach
  void close() {
    scope.close();
    order.close();
    threads.shutdownNow();
    recorded.close();
  }

  @Test
  void plainExecutor_losesIt() throws Exception {
    assertThat(threads.submit(this::current).get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void executorService_wrapped() throws Exception {
    ExecutorService wrapped = Context.taskWrapping((ExecutorService) threads);

    assertThat(wrapped.submit(this::current).get(10, TimeUnit.SECONDS)).contains(span());
    Callable<Optional<SpanRef>> task = this::current;
    assertThat(wrapped.invokeAll(List.of(task)).get(0).get()).contains(span());
  }

  @Test
  void executorService_afterTheTask_isClean() throws Exception {
    ExecutorService wrapped = Context.taskWrapping((ExecutorService) threads);
    wrapped.submit(this::current).get(10, TimeUnit.SECONDS);

    assertThat(threads.submit(this::current).get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void scheduledExecutor_wrappedTask() throws Exception {
    assertThat(threads
            .schedule(Context.current().wrap(this::current), 1, TimeUnit.MILLISECONDS)
            .get(10, TimeUnit.SECONDS))
        .contains(span());
  }

  @Test
  void scheduler_wrappedTask() throws Exception {
    CompletableFuture<Optional<SpanRef>> seen = new CompletableFuture<>();

    Scheduler.of(threads).schedule(Duration.ofMillis(1), Context.current().wrap(() -> {
      seen.complete(current());
    }));

    assertThat(seen.get(10, TimeUnit.SECONDS)).contains(span());
  }

  @Test
  void completableFuture_onAWrappedExecutor() throws Exception {
    Executor wrapped = Context.taskWrapping((Executor) threads);

    assertThat(CompletableFuture.supplyAsync(this::current, wrapped)
            .thenApplyAsync(first -> List.of(first, current()), wrapped)
            .get(10, TimeUnit.SECONDS))
        .containsOnly(Optional.of(span()));
  }

  @Test
  void completableFuture_callbackThatIsWrapped_onWhateverThreadCompletesIt() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<Optional<SpanRef>> seen =
        answer.thenApply(Context.current().wrapFunction(text -> current()));

    threads.execute(() -> answer.complete("late"));

    assertThat(seen.get(10, TimeUnit.SECONDS)).contains(span());
  }

  @Test
  void virtualThread_wrapped() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads are there from JDK 21 on");
    ExecutorService virtual = (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    try {
      assertThat(virtual.submit(this::current).get(10, TimeUnit.SECONDS)).isEmpty();
      assertThat(Context.taskWrapping(virtual).submit(this::current).get(10, TimeUnit.SECONDS))
          .contains(span());
    } finally {
      virtual.shutdownNow();
    }
  }

  @Test
  void virtualThread_startedWithAWrappedTask() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads are there from JDK 21 on");
    CompletableFuture<Optional<SpanRef>> seen = new CompletableFuture<>();

    Thread.class
        .getMethod("startVirtualThread", Runnable.class)
        .invoke(null, Context.current().wrap(() -> {
          seen.complete(current());
        }));

    assertThat(seen.get(10, TimeUnit.SECONDS)).contains(span());
  }

  @Test
  void callContextAndTrace_areWrappedOneInTheOther() throws Exception {
    CallContext call = CallContext.builder().correlationId("flow-1").build();
    ExecutorService wrapped = Context.taskWrapping((ExecutorService) threads);
    CompletableFuture<String> flow = new CompletableFuture<>();

    wrapped.execute(call.wrap(() -> {
      flow.complete(CallContext.current().correlationId().orElse("none") + " "
          + current().map(SpanRef::spanId).orElse("none"));
    }));

    assertThat(flow.get(10, TimeUnit.SECONDS)).isEqualTo("flow-1 " + span().spanId());
  }

  @Test
  void operationThatIsHandedOver_needsNoWrapping() throws Exception {
    Operation parcel = bound.start(telemetry.current());

    CompletableFuture<Optional<SpanRef>> seen = CompletableFuture.supplyAsync(
        () -> {
          try (parcel;
              Scope here = parcel.makeCurrent()) {
            return current();
          }
        },
        threads);

    assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(parcel.context().span());
  }

  private Optional<SpanRef> current() {
    return telemetry.current().span();
  }

  private SpanRef span() {
    return order.context().span().orElseThrow();
  }
}
