package dev.msk.benchmarks.security;

import static org.assertj.core.api.Assertions.assertThat;

import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsBenchmarkTest {

  /** Handshakes look themselves whether they were resumed. */
  @ParameterizedTest
  @ValueSource(strings = {"ours", "floor"})
  void handshakesAndRequests_go(String contender) throws Exception {
    TlsBenchmark benchmark = new TlsBenchmark();
    benchmark.contender = contender;
    benchmark.connect();

    for (int i = 0; i < 3; i++) {
      SSLEngine full = benchmark.full();
      assertThat(full.getSession().getCipherSuite()).isEqualTo("TLS_AES_256_GCM_SHA384");
      assertThat(benchmark.resumed().getSession().getPeerCertificates()).isNotEmpty();
      assertThat(benchmark.request()).isEqualTo(256 + 1024);
    }
  }

  @Test
  void ours_haveGuards_andTheFloorHasNone() throws Exception {
    assertThat(TlsEnds.ours().serverEngine().getClass().getSimpleName()).isEqualTo("GuardedEngine");
    assertThat(TlsEnds.plain().serverEngine().getClass().getPackageName())
        .isEqualTo("sun.security.ssl");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ours", "floor"})
  void contexts_wantTheClientsCertificate(String contender) throws Exception {
    TlsEnds ends = contender.equals("ours") ? TlsEnds.ours() : TlsEnds.plain();
    SSLEngine server = ends.serverEngine();
    new Wire().handshake(ends.clientEngine(1), server);

    assertThat(server.getNeedClientAuth()).isTrue();
    assertThat(server.getSession().getPeerPrincipal().getName()).isEqualTo("CN=gateway");
  }
}
