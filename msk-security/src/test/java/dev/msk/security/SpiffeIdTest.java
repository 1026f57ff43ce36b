package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.testing.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpiffeIdTest {

  @Test
  void id_hasTrustDomainAndPath() {
    SpiffeId id = SpiffeId.of("spiffe://shop.example/ns/prod/sa/orders");

    assertThat(id.trustDomain()).isEqualTo("shop.example");
    assertThat(id.path()).isEqualTo("/ns/prod/sa/orders");
    assertThat(id).hasToString("spiffe://shop.example/ns/prod/sa/orders");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "https://shop.example/orders",
        "SPIFFE://shop.example/orders",
        "spiffe://",
        "spiffe:///orders",
        "spiffe://Shop.example/orders",
        "spiffe://shop.example:443/orders",
        "spiffe://user@shop.example/orders",
        "spiffe://shop.example/",
        "spiffe://shop.example/orders/",
        "spiffe://shop.example//orders",
        "spiffe://shop.example/../orders",
        "spiffe://shop.example/./orders",
        "spiffe://shop.example/orders?x",
        "spiffe://shop.example/orders#x",
        "spiffe://shop.example/%6frders",
        "spiffe://shop.example/örders"
      })
  void malformedId_isRefused(String text) {
    assertThatThrownBy(() -> SpiffeId.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: ");
  }

  @Test
  void certificate_namesItsWorkload() {
    TestCa ca = TestCa.create("shop.example");

    assertThat(SpiffeId.of(ca.certificate("orders").issue().certificate()))
        .contains(SpiffeId.of("spiffe://shop.example/orders"));
    assertThat(SpiffeId.of(ca.authority())).isEmpty();
    assertThat(SpiffeId.of(
            ca.certificate("orders").spiffeId("https://x.example/").issue().certificate()))
        .isEmpty();
  }
}
