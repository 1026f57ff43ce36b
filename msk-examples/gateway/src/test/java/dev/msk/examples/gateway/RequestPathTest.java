package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

  @ParameterizedTest
  @CsvSource({
    "/orders, /orders",
    "/%6Frders/4%377, /orders/477",
    "/orders/a%20b, /orders/a%20b",
    "/orders/%c3%a9, /orders/%C3%A9",
    "/orders/50%25, /orders/50%25",
    "/orders/a:b@c, /orders/a:b@c",
    "/orders//x, /orders//x",
    "/, /"
  })
  void path_isSentOnInOneForm(String raw, String encoded) {
    assertThat(RequestPath.of(raw).encoded()).isEqualTo(encoded);
  }

  @Test
  void segments_areDecodedOnce() {
    assertThat(RequestPath.of("/orders/%C3%A9%20x").segments()).isEqualTo(List.of("orders", "é x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "orders",
        "/orders/..",
        "/orders/../admin",
        "/orders/./x",
        "/orders/%2e%2e/admin",
        "/orders/%2E%2e",
        "/orders/.%2e/admin",
        "/orders/a%2Fb",
        "/orders/a%2fb",
        "/orders/a%5Cb",
        "/orders/a\\b",
        "/orders/..;/admin",
        "/orders/x;y=1",
        "/orders/x%3By",
        "/orders/%252e%252e/admin",
        "/orders/%252F",
        "/orders/%00",
        "/orders/%0d%0aX: y",
        "/orders/%0d%0a",
        "/orders/%7f",
        "/orders/%c2%85",
        "/orders/%c0%ae%c0%ae",
        "/orders/%ff",
        "/orders/%",
        "/orders/%4",
        "/orders/%zz",
        "/orders/%+1",
        "/orders/a b",
        "/orders/é"
      })
  void whatTwoReadersCouldUnderstandDifferently_isRefused(String raw) {
    assertThatExceptionOfType(Problem.class)
        .isThrownBy(() -> RequestPath.of(raw))
        .satisfies(problem -> assertThat(problem.status()).isEqualTo(400));
  }

  @ParameterizedTest
  @CsvSource({"/orders?a=1&b=%20x, ?a=1&b=%20x", "/orders?filter[x]=1, ?filter[x]=1", "/orders, ''"
  })
  void query_isSentOnAsItIs(String target, String query) {
    assertThat(RequestPath.query(target)).isEqualTo(query);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/orders?a=<b>", "/orders?a=%", "/orders?a=1#b", "/orders?a=é", "/o#x?y"})
  void queryThatIsNotEscaped_isRefused(String target) {
    assertThatExceptionOfType(Problem.class).isThrownBy(() -> RequestPath.query(target));
  }
}
