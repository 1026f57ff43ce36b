/** What adapters and loops of every module use. Open {@link dev.msk.core.spi.OptionalDependency}. */
package dev.msk.core.spi;
