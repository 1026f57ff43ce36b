/**
 * Charges accepted orders, each exactly once. Open {@link dev.msk.examples.payments.PaymentsMain},
 * then follow an event: {@code PaymentsService}, {@code Cashier}.
 */
package dev.msk.examples.payments;
