package dev.msk.examples.springboot;

/**
 * What other services learn of an order. Not the entity, which may change with its table.
 *
 * @param id the order
 * @param sku of what
 * @param quantity how many
 */
record OrderPlaced(String id, String sku, int quantity) {}
