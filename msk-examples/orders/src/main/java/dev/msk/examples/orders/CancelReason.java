package dev.msk.examples.orders;

import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.inventory.Reason;

/** What a customer is told about a cancelled order. What went on inside is in the saga's history. */
enum CancelReason {
  PAYMENT_DECLINED,
  OUT_OF_STOCK,
  UNKNOWN_SKU,
  UNAVAILABLE;

  /**
   * In the words of the API. Looks at the beginning only: what follows may quote the customer.
   *
   * @param error why the saga turned back
   */
  static CancelReason of(String error) {
    if (error.startsWith(PaymentDeclined.TYPE)) {
      return PAYMENT_DECLINED;
    }
    if (error.startsWith(Reason.OUT_OF_STOCK + ":")) {
      return OUT_OF_STOCK;
    }
    return error.startsWith(Reason.UNKNOWN_SKU + ":") ? UNKNOWN_SKU : UNAVAILABLE;
  }
}
