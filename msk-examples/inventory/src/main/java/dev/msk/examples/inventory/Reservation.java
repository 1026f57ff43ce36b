package dev.msk.examples.inventory;

import java.util.UUID;

/**
 * What an order has of the stock.
 *
 * @param orderId whose
 * @param id the reservation's own name; given by the database
 * @param sku empty in a tombstone
 * @param quantity 0 in a tombstone
 * @param state as in the database
 */
record Reservation(String orderId, UUID id, String sku, int quantity, ReservationState state) {

  boolean isFor(String wantedSku, int wantedQuantity) {
    return sku.equals(wantedSku) && quantity == wantedQuantity;
  }
}
