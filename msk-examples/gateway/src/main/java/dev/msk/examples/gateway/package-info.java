/**
 * The door of the shop: who may ask what, within which bounds, and which instance answers. Open
 * {@link dev.msk.examples.gateway.Proxy} for the way of a request.
 */
package dev.msk.examples.gateway;
