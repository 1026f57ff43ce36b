/**
 * What the services say to one another: {@link dev.msk.examples.contracts.Topics}, and a record for
 * each kind of event. Fields are only ever added, and readers ignore those that they do not know. The
 * calls of inventory are in {@code src/main/proto}.
 */
package dev.msk.examples.contracts;
