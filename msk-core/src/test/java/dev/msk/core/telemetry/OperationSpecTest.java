package dev.msk.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OperationSpecTest {

  @Test
  void build_withDefaults_hasTheBucketsOfTheConventions() {
    OperationSpec spec =
        OperationSpec.builder("lease.renew", OperationKind.CLIENT).build();

    assertThat(spec.tagKeys()).isEmpty();
    assertThat(spec.buckets()).startsWith(.005).endsWith(10.).isSorted();
  }

  @Test
  void build_badName_isRefused() {
    assertThatThrownBy(() ->
            OperationSpec.builder("Outbox Publish", OperationKind.INTERNAL).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("name: Outbox Publish (expected: lower-case words joined by dots");
  }

  @Test
  void build_reservedOrRepeatedTag_isRefused() {
    assertThatThrownBy(() ->
            OperationSpec.builder("a", OperationKind.INTERNAL).tags("outcome").build())
        .hasMessageStartingWith("tagKeys: outcome (expected:");
    assertThatThrownBy(() -> CounterSpec.of("a", "", "1", "x", "x"))
        .hasMessageStartingWith("tagKeys: x (expected:");
  }

  @Test
  void build_bucketsNotAscending_isRefused() {
    assertThatThrownBy(() ->
            OperationSpec.builder("a", OperationKind.INTERNAL).buckets(1, .5).build())
        .hasMessage("buckets: [1.0, 0.5] (expected: ascending, above zero, finite)");
  }
}
