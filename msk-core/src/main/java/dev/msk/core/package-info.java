/** What every block shares. */
package dev.msk.core;
