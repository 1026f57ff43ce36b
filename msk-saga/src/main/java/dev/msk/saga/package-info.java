/** Will hold orchestrated and choreographed sagas: typed steps, a pivot, compensation in reverse, durable in the own database of a service. */
package dev.msk.saga;
