package dev.msk.security.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkloadAddressTest {

  @Test
  void addresses_areThoseOfTheSpecification() {
    assertThat(WorkloadAddress.parse("address", "unix:///run/agent.sock"))
        .isEqualTo(UnixDomainSocketAddress.of("/run/agent.sock"));
    assertThat(WorkloadAddress.parse("address", "unix:/run/agent.sock"))
        .isEqualTo(UnixDomainSocketAddress.of("/run/agent.sock"));
    assertThat(WorkloadAddress.parse("address", "tcp://127.0.0.1:8000"))
        .hasToString("/127.0.0.1:8000");
    assertThat(WorkloadAddress.parse("address", "tcp://[::1]:8000"))
        .hasToString("/[0:0:0:0:0:0:0:1]:8000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/run/agent.sock",
        "unix:agent.sock",
        "unix://run/agent.sock",
        "unix:///run/agent.sock?x",
        "unix:///run/agent.sock#x",
        "tcp://localhost:8000",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:70000",
        "tcp://127.0.0.1:8000/foo",
        "tcp://user@127.0.0.1:8000",
        "tcp://1.2.3.400:8000",
        "http://127.0.0.1:8000",
        "unix:// x"
      })
  void otherAddress_isRefused(String address) {
    assertThatThrownBy(() ->
            SpiffeWorkloadApi.builder(ManualTime.create()).address(address).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "address: " + address + " (expected: unix:///absolute/path or tcp://ip-address:port)");
  }

  @Test
  void environment_saysWhere() {
    assertThat(new SpiffeWorkloadApi.Builder(
                ManualTime.create(), Map.of("SPIFFE_ENDPOINT_SOCKET", "unix:///run/agent.sock"))
            .build())
        .hasToString("SpiffeWorkloadApi[/run/agent.sock]");
    assertThatThrownBy(() -> new SpiffeWorkloadApi.Builder(ManualTime.create(), Map.of())
            .trustDomain("Shop")
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SPIFFE_ENDPOINT_SOCKET: not set (expected: unix:///absolute/path")
        .hasMessageContaining("trustDomain: Shop");
    assertThatThrownBy(() -> new SpiffeWorkloadApi.Builder(
                ManualTime.create(), Map.of("SPIFFE_ENDPOINT_SOCKET", "agent.sock"))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("SPIFFE_ENDPOINT_SOCKET: agent.sock (expected: ");
  }
}
