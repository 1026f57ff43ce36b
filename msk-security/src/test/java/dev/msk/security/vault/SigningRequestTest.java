package dev.msk.security.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's keytool reads what is written here. */
final class SigningRequestTest {

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void request_isReadByKeytool(boolean rsa) throws Exception {
    String printed = printed(SigningRequest.create(
        "orders", List.of("orders.shop.svc", "localhost"), "spiffe://shop.example/orders", rsa));

    assertThat(printed)
        .contains("CN=orders")
        .contains("DNSName: orders.shop.svc", "DNSName: localhost")
        .contains("URIName: spiffe://shop.example/orders")
        .contains(rsa ? "2048-bit RSA key" : "256-bit EC (secp256r1) key");
  }

  @Test
  void requestWithoutNames_isReadByKeytool() throws Exception {
    SigningRequest request = SigningRequest.create("orders", List.of(), null, false);

    assertThat(printed(request)).contains("CN=orders").doesNotContain("DNSName");
    assertThat(request.toString()).doesNotContain("BEGIN");
  }

  private String printed(SigningRequest request) throws Exception {
    Path file = Files.writeString(folder.resolve("request.pem"), request.pem());
    Process keytool = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-J-Duser.language=en",
            "-printcertreq",
            "-v",
            "-file",
            file.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(output).isZero();
    return output;
  }
}
