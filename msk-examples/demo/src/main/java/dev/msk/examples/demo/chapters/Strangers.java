package dev.msk.examples.demo.chapters;

import dev.msk.examples.contracts.inventory.GetStockRequest;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.Stage;
import dev.msk.security.TlsIdentity;
import dev.msk.security.grpc.GrpcTls;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Callers who are not who they say, or may not do what they ask. */
public final class Strangers implements Chapter {

  private static final String ORDER = "{\"sku\":\"tea-500g\",\"quantity\":1,\"amountCents\":100}";

  /** A chapter. */
  public Strangers() {}

  @Override
  public String title() {
    return "A bad token, a missing scope, and services with the wrong certificate";
  }

  @Override
  public void play(Stage stage) throws Exception {
    String token = stage.servers().trust().token("eve");
    String forged = token.substring(0, token.lastIndexOf('.') + 1) + "A".repeat(342);
    refused(stage, "a token with a forged signature", forged, 401);
    refused(
        stage,
        "a token without the scope orders:write",
        stage.servers().trust().token("eve", "orders:read"),
        403);
    String ada = stage.shop().place(new Wanted("ada", "tea-500g", 1, 100));
    String seen = stage.shop().show("eve", ada);
    stage
        .story()
        .claim(
            "another customer's order is not there: 404",
            seen.contains("\"status\":404") ? List.of() : List.of(seen));
    called(stage, "gateway", true, Status.Code.PERMISSION_DENIED);
    called(stage, "orders", false, Status.Code.UNAVAILABLE);
    called(stage, "orders", true, Status.Code.OK);
    stage.awaitSettled();
    stage.claimAll();
  }

  private static void refused(Stage stage, String what, String token, int expected)
      throws Exception {
    int status =
        stage.shop().post(ORDER, UUID.randomUUID().toString(), token, Map.of()).statusCode();
    stage
        .story()
        .claim(
            "POST /orders with " + what + ": " + expected,
            status == expected ? List.of() : List.of(String.valueOf(status)));
  }

  private static void called(Stage stage, String caller, boolean genuine, Status.Code expected)
      throws InterruptedException {
    String who = (genuine ? "a certificate of " : "a false certificate of ") + caller;
    Status.Code code = call(stage, caller, genuine);
    stage
        .story()
        .claim(
            "inventory called with " + who + ": " + expected,
            code == expected ? List.of() : List.of(code.name()));
  }

  private static Status.Code call(Stage stage, String caller, boolean genuine)
      throws InterruptedException {
    String address = stage.service("inventory").address().orElseThrow();
    try (TlsIdentity identity = stage.servers().trust().identity(caller, genuine)) {
      ManagedChannel channel = Grpc.newChannelBuilder(
              "dns:///" + address, GrpcTls.channel(identity, "inventory"))
          .build();
      try {
        var unused = InventoryGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .getStock(GetStockRequest.newBuilder().setSku("tea-500g").build());
        return Status.Code.OK;
      } catch (StatusRuntimeException e) {
        return e.getStatus().getCode();
      } finally {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      }
    }
  }
}
