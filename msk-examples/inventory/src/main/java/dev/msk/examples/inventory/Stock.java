package dev.msk.examples.inventory;

/**
 * How much there is of a thing.
 *
 * @param sku which
 * @param available can be reserved
 * @param reserved kept for orders
 * @param sold gone to customers
 */
record Stock(String sku, long available, long reserved, long sold) {}
