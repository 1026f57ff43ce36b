package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.Authorizer.Access;
import dev.msk.core.security.Authorizer.Decision;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class AccessRulesTest {

  private static final String ORDERS = "spiffe://shop.example/orders";

  private final AccessRules rules = AccessRules.of(
      AccessRule.named("orders-reserve")
          .callers(ORDERS, "spiffe://shop.example/ns/*/orders")
          .actions("shop.Inventory/Reserve", "shop.Inventory/Release")
          .scopes("stock:write", "orders:write"),
      AccessRule.named("read").anyCaller().actions("GET /orders/*"),
      AccessRule.named("files").anyCaller().actions("GET /files/**"));

  @Test
  void allowed_namesTheRule() {
    assertThat(decide(ORDERS, "shop.Inventory/Reserve", "orders:write stock:write x"))
        .isEqualTo(new Decision(true, "orders-reserve"));
    assertThat(decide(
            "spiffe://shop.example/ns/prod/orders",
            "shop.Inventory/Release",
            "orders:write stock:write"))
        .isEqualTo(new Decision(true, "orders-reserve"));
  }

  @Test
  void whatNoRuleAllows_isDeniedByDefault() {
    Decision denied = new Decision(false, "default");

    assertThat(decide(ORDERS, "shop.Inventory/Delete", "stock:write orders:write"))
        .isEqualTo(denied);
    assertThat(decide(ORDERS, "shop.Inventory/Reserve", "stock:write")).isEqualTo(denied);
    assertThat(decide(ORDERS, "shop.Inventory/Reserve", "stock:writer orders:write"))
        .isEqualTo(denied);
    assertThat(decide(ORDERS + "2", "shop.Inventory/Reserve", "stock:write orders:write"))
        .isEqualTo(denied);
    assertThat(decide(
            "spiffe://shop.example/ns/a/b/orders",
            "shop.Inventory/Reserve",
            "stock:write orders:write"))
        .isEqualTo(denied);
    assertThat(decide(null, "shop.Inventory/Reserve", "stock:write orders:write"))
        .isEqualTo(denied);
    assertThat(AccessRules.of().decide(access(ORDERS, "x", "", ""))).isEqualTo(denied);
  }

  @Test
  void actionsWithResources_matchBySegments() {
    assertThat(rules.decide(access(null, "GET", "/orders/4711", "")).rule()).isEqualTo("read");
    assertThat(rules.decide(access(null, "GET", "/orders/4711/items", "")).allowed())
        .isFalse();
    assertThat(rules.decide(access(null, "GET", "/files/a/b", "")).rule()).isEqualTo("files");
    assertThat(rules.decide(access(null, "DELETE", "/orders/4711", "")).allowed())
        .isFalse();
    assertThat(rules.decide(access(null, "GET", "", "")).allowed()).isFalse();
  }

  @Test
  @Timeout(10)
  void hostilePaths_areMatchedInBoundedTime() {
    AccessRules wild =
        AccessRules.of(AccessRule.named("wild").anyCaller().actions("*a*a*a*a*a*a*a*a*b"));
    long begin = System.nanoTime();

    assertThat(wild.decide(access(null, "a".repeat(8192), "", "")).allowed()).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void of_namesEveryFault() {
    assertThatThrownBy(() -> AccessRules.of(
            AccessRule.named("a").actions("x"),
            AccessRule.named("a").anyCaller(),
            AccessRule.named("default").anyCaller().actions("x")))
        .hasMessageContaining("a.callers: [] (expected: at least one, or anyCaller)")
        .hasMessageContaining("a.actions: [] (expected: at least one)")
        .hasMessageContaining("name: a (expected: each name once)")
        .hasMessageContaining("name: default (expected: not blank, not default)");
  }

  private Decision decide(@Nullable String caller, String action, String scopes) {
    return rules.decide(access(caller, action, "", scopes));
  }

  private static Access access(
      @Nullable String caller, String action, String resource, String scopes) {
    return new Access(
        Optional.ofNullable(caller),
        Optional.empty(),
        action,
        resource,
        scopes.isEmpty() ? Map.of() : Map.of("scope", scopes));
  }
}
