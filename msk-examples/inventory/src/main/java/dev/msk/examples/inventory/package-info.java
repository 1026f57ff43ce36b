/**
 * Inventory: keeps pieces for orders, by gRPC. {@link dev.msk.examples.inventory.InventoryMain} is the
 * process; {@code InventoryService} shows all that runs in it, {@code Stockroom} what it does.
 */
package dev.msk.examples.inventory;
