/**
 * The calls of inventory. All but {@link dev.msk.examples.contracts.inventory.Refusals} is generated from
 * {@code src/main/proto/shop/inventory.proto}, which says what each call promises.
 */
package dev.msk.examples.contracts.inventory;
