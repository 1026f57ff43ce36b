package dev.msk.security.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Headers that were read and found allowed, by their exact characters: all tokens of one key begin with the same. Of those that
 * share a place the last stays, so that strangers can make others be read again and no more. Thread-safe, bounded; what is
 * found must not be changed.
 */
final class KnownHeaders {

  private static final int PLACES = 64;
  private static final int MAX_LENGTH = 512;

  private final AtomicReferenceArray<Known> places = new AtomicReferenceArray<>(PLACES);

  @Nullable
  ObjectNode find(String encoded) {
    Known known = places.get(place(encoded));
    return known != null && known.encoded.equals(encoded) ? known.header : null;
  }

  void keep(String encoded, ObjectNode header) {
    if (encoded.length() <= MAX_LENGTH) {
      places.set(place(encoded), new Known(encoded, header));
    }
  }

  private static int place(String encoded) {
    int hash = encoded.hashCode();
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }

  private record Known(String encoded, ObjectNode header) {}
}
