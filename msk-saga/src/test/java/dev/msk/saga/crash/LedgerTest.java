package dev.msk.saga.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.crash.Ledger.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checker of the crash test finds each kind of planted violation. */
final class LedgerTest {

  private static final Entry DEBIT = new Entry("t", "debit", -6);
  private static final Entry DEBIT_UNDONE = new Entry("t", "debit-undone", 6);
  private static final Entry CREDIT = new Entry("t", "credit", 5);
  private static final Entry CREDIT_UNDONE = new Entry("t", "credit-undone", -5);
  private static final Entry FEE = new Entry("t", "fee", 1);
  private static final Entry FEE_UNDONE = new Entry("t", "fee-undone", -1);
  private static final Entry CONFIRM = new Entry("t", "confirm", 0);
  private static final Entry NOTICE = new Entry("t", "notice", 0);
  private static final List<Entry> COMPLETE = List.of(DEBIT, CREDIT, FEE, CONFIRM, NOTICE);

  @Test
  void goodLedgers_haveNone() {
    assertThat(of(SagaStatus.COMPLETED, COMPLETE)).isEmpty();
    assertThat(of(SagaStatus.COMPENSATED, List.of())).isEmpty();
    assertThat(of(SagaStatus.COMPENSATED, List.of(DEBIT, DEBIT_UNDONE))).isEmpty();
    assertThat(of(SagaStatus.COMPENSATED, List.of(DEBIT, CREDIT, CREDIT_UNDONE, DEBIT_UNDONE)))
        .isEmpty();
    assertThat(of(
            SagaStatus.COMPENSATED,
            List.of(DEBIT, CREDIT, FEE, FEE_UNDONE, CREDIT_UNDONE, DEBIT_UNDONE)))
        .isEmpty();
  }

  @Test
  void repeatedEffect_isFound() {
    assertThat(of(SagaStatus.COMPLETED, with(COMPLETE, NOTICE)))
        .containsExactly("twice: " + NOTICE);
    assertThat(of(SagaStatus.COMPENSATED, List.of(DEBIT, DEBIT_UNDONE, DEBIT_UNDONE)))
        .containsExactly("twice: " + DEBIT_UNDONE, "total: 6 (expected: 0)");
  }

  @Test
  void lostStep_isFound() {
    assertThat(of(SagaStatus.COMPLETED, List.of(DEBIT, CREDIT, FEE, CONFIRM)))
        .containsExactly("t COMPLETED: [confirm, credit, debit, fee]");
  }

  @Test
  void lostCompensation_isFound() {
    assertThat(of(SagaStatus.COMPENSATED, List.of(DEBIT)))
        .containsExactly("t COMPENSATED: [debit]", "total: -6 (expected: 0)");
  }

  @Test
  void compensationThatAnotherServiceLost_isFound() {
    assertThat(of(SagaStatus.COMPENSATED, List.of(DEBIT, CREDIT, FEE, CREDIT_UNDONE, DEBIT_UNDONE)))
        .hasSize(2)
        .contains("total: 1 (expected: 0)");
  }

  @Test
  void compensationAfterThePivot_isFound() {
    assertThat(of(
            SagaStatus.COMPLETED,
            with(with(with(COMPLETE, DEBIT_UNDONE), CREDIT_UNDONE), FEE_UNDONE)))
        .hasSize(1);
    assertThat(of(
            SagaStatus.COMPENSATED, List.of(DEBIT, CREDIT, CONFIRM, CREDIT_UNDONE, DEBIT_UNDONE)))
        .hasSize(1);
  }

  @Test
  void compensationOfWhatNeverHappened_isFound() {
    assertThat(of(SagaStatus.COMPENSATED, List.of(CREDIT_UNDONE)))
        .containsExactly("t COMPENSATED: [credit-undone]", "total: -5 (expected: 0)");
  }

  @Test
  void sagaThatDoesNotEnd_isFound() {
    assertThat(of(SagaStatus.RUNNING, List.of())).containsExactly("t RUNNING: []");
    assertThat(of(SagaStatus.STUCK_BACKWARD, List.of(DEBIT, DEBIT_UNDONE))).hasSize(1);
  }

  @Test
  void effectOfASagaThatRolledBack_isFound() {
    Entry ghost = new Entry("ghost", "confirm", 0);

    assertThat(of(SagaStatus.COMPLETED, with(COMPLETE, ghost)))
        .containsExactly("never started: " + ghost);
  }

  private static List<String> of(SagaStatus status, List<Entry> entries) {
    return Ledger.violations(Map.of("t", status), entries);
  }

  private static List<Entry> with(List<Entry> entries, Entry more) {
    List<Entry> longer = new ArrayList<>(entries);
    longer.add(more);
    return longer;
  }
}
