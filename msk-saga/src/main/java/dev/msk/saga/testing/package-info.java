/** The suite that every saga store passes. */
package dev.msk.saga.testing;
