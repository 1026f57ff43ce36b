package dev.msk.security.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.Authorizer.Decision;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.security.JwksSource;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that come before the issuer's keys: the answer with the keys is held back until the test lets it through. */
@Timeout(120)
final class ResumedCallTest {

  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final CountDownLatch keysMayCome = new CountDownLatch(1);
  private final CountDownLatch waits = new CountDownLatch(1);
  private final ExecutorService fetching = Executors.newCachedThreadPool();
  private final ExecutorService calls =
      Executors.newCachedThreadPool(task -> new Thread(task, "resumed-call"));
  private final List<String> startedOn = new CopyOnWriteArrayList<>();
  private Server server;
  private ManagedChannel channel;

  @TempDir
  private Path folder;

  @BeforeEach
  void start() throws Exception {
    HttpClient held = HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NEVER)
        .executor(task -> fetching.execute(() -> {
          try {
            keysMayCome.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          task.run();
        }))
        .build();
    TokenVerifier verifier = TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer())
                .client(held)
                .timeout(Duration.ofSeconds(60))
                .build())
        .audience("inventory")
        .build();
    TestCa ca = TestCa.create("shop.example");
    TlsIdentity identity =
        TlsIdentity.builder(ca.certificate("inventory").issue().writeTo(folder)).build();
    // The interceptor that is added last is asked first.
    server = Grpc.newServerBuilderForPort(0, GrpcTls.server(identity, "inventory"))
        .addService(new Greeter(Greeter.SERVICE, text -> text))
        .intercept(interceptor(() -> startedOn.add(Thread.currentThread().getName()), () -> {}))
        .intercept(ServerSecurity.builder(access -> new Decision(true, "all"))
            .tokens(verifier)
            .executor(calls)
            .build())
        .intercept(interceptor(() -> {}, waits::countDown))
        .build()
        .start();
    channel = Grpc.newChannelBuilderForAddress(
            "localhost", server.getPort(), GrpcTls.channel(identity, "inventory"))
        .build();
  }

  @AfterEach
  void stop() throws Exception {
    keysMayCome.countDown();
    assertThat(channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    idp.close();
    calls.shutdownNow();
    fetching.shutdownNow();
  }

  @Test
  void callThatWaitedForKeys_isBegunOnTheExecutor_othersOnTheServersThreads() throws Exception {
    CompletableFuture<String> first = greet();
    assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(startedOn).isEmpty();
    keysMayCome.countDown();

    assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo("hello");
    assertThat(startedOn).containsExactly("resumed-call");
    assertThat(greet().get(60, TimeUnit.SECONDS)).isEqualTo("hello");
    assertThat(startedOn).hasSize(2).last().isNotEqualTo("resumed-call");
  }

  @Test
  void executorThatHasStopped_endsTheCall() throws Exception {
    CompletableFuture<String> call = greet();
    assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();
    calls.shutdownNow();
    keysMayCome.countDown();

    assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(StatusRuntimeException.class, failure -> {
          assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
          assertThat(failure.getStatus().getDescription()).isEqualTo("shutting down");
        });
    assertThat(startedOn).isEmpty();
  }

  private CompletableFuture<String> greet() {
    String token = idp.token("alice").audience("inventory").sign();
    CredentialSource source = peer -> CompletableFuture.completedFuture(
        new Credential("Bearer", token, Instant.now().plusSeconds(600)));
    Channel secured = ClientInterceptors.intercept(channel, ClientSecurity.of(source, "inventory"));
    return CompletableFuture.supplyAsync(() -> Greeter.greet(secured), fetching);
  }

  private static ServerInterceptor interceptor(Runnable before, Runnable after) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        before.run();
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        after.run();
        return listener;
      }
    };
  }
}
