package dev.msk.messaging.zstd;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.msk.messaging.InvalidEventException;

/** Data as zstd frames that state their size. Loaded only once the library is known to be there. */
final class ZstdFrames {

  private ZstdFrames() {}

  static byte[] compress(byte[] data, int level) {
    return Zstd.compress(data, level);
  }

  static byte[] inflate(byte[] data, int maxBytes) {
    long size = data.length == 0 ? -1 : Zstd.getFrameContentSize(data);
    if (size < 0 || size > maxBytes) {
      throw new InvalidEventException(
          "data",
          size < 0 ? data.length + " bytes that are no zstd frame" : size + " bytes, inflated",
          "a zstd frame that states its size, of at most " + maxBytes + " bytes");
    }
    byte[] inflated = new byte[(int) size];
    long length;
    try {
      length = Zstd.decompress(inflated, data);
    } catch (ZstdException e) {
      throw corrupt(data, e.toString());
    }
    if (Zstd.isError(length) || length != size) {
      throw corrupt(data, Zstd.isError(length) ? Zstd.getErrorName(length) : length + " bytes");
    }
    return inflated;
  }

  private static InvalidEventException corrupt(byte[] data, String found) {
    return new InvalidEventException(
        "data", data.length + " bytes: " + found, "a whole zstd frame");
  }
}
