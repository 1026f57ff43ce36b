/**
 * Takes orders over REST and publishes them. Open {@link dev.msk.examples.orders.OrdersMain}, then
 * follow an order: {@code OrderRoutes}, {@code OrderDesk}, {@code OrderTable}.
 */
package dev.msk.examples.orders;
