package dev.msk.messaging.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.crash.History.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker of the crash test finds each kind of planted violation. */
final class HistoryTest {

  private static final Entry A1 = new Entry("a", 1);
  private static final Entry A2 = new Entry("a", 2);
  private static final Entry B1 = new Entry("b", 1);
  private static final List<Entry> PUBLISHED = List.of(A1, B1, A2);

  @Test
  void goodHistory_hasNone() {
    assertThat(History.violations(PUBLISHED, List.of(B1, A1, A2))).isEmpty();
  }

  @Test
  void lostEvent_isFound() {
    assertThat(History.violations(PUBLISHED, List.of(A1, A2))).containsExactly("lost: " + B1);
  }

  @Test
  void repeatedEffect_isFound() {
    assertThat(History.violations(PUBLISHED, List.of(A1, A2, B1, A1)))
        .containsExactly("twice: " + A1);
  }

  @Test
  void turnedOrder_isFound() {
    assertThat(History.violations(PUBLISHED, List.of(A2, B1, A1)))
        .containsExactly("after 2: " + A1);
  }

  @Test
  void effectOfRolledBackEvent_isFound() {
    Entry ghost = new Entry("a", 3);

    assertThat(History.violations(PUBLISHED, List.of(A1, A2, B1, ghost)))
        .containsExactly("never published: " + ghost);
  }
}
