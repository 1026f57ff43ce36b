package dev.msk.messaging.zstd;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventStage;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import java.sql.Connection;

/**
 * Compresses large data by zstd ({@code com.github.luben:zstd-jni}, an optional dependency). The extension
 * {@code contentencoding: zstd} says so; {@code datacontenttype} stays that of the data itself.
 *
 * <p>Compresses data of more than 8 KiB at level 3, keeps what became no smaller as it is, and refuses to
 * inflate to more than 64 MiB. Put it before a {@link dev.msk.messaging.ClaimCheck}. Thread-safe, no
 * buffers of its own.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8878">RFC 8878</a>
 */
public final class ZstdCompression implements EventStage {

  private static final String ZSTD = "zstd";

  private final int aboveBytes;
  private final int level;
  private final int maxInflatedBytes;

  private ZstdCompression(Builder builder) {
    this.aboveBytes = builder.aboveBytes;
    this.level = builder.level;
    this.maxInflatedBytes = builder.maxInflatedBytes;
  }

  /**
   * Compression above 8 KiB, at level 3, of data up to 64 MiB.
   *
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException if zstd-jni is not on the class path
   */
  public static Builder builder() {
    OptionalDependency.of(ZstdCompression.class, "zstd", "com.github.luben.zstd.Zstd")
        .require("ZstdCompression");
    return new Builder();
  }

  @Override
  public EventEnvelope outgoing(Connection tx, EventEnvelope event) {
    byte[] data = event.data();
    if (data == null || data.length <= aboveBytes || event.contentEncoding().isPresent()) {
      return event;
    }
    byte[] compressed = ZstdFrames.compress(data, level);
    if (compressed.length >= data.length) {
      return event;
    }
    return event.toBuilder()
        .data(compressed)
        .extension(Extension.CONTENT_ENCODING, ZSTD)
        .build();
  }

  @Override
  public EventEnvelope incoming(EventEnvelope event) {
    String encoding = event.contentEncoding().orElse(null);
    byte[] data = event.data();
    if (encoding == null || data == null) {
      return event;
    }
    if (!encoding.equals(ZSTD)) {
      throw new InvalidEventException(Extension.CONTENT_ENCODING.attribute(), encoding, ZSTD);
    }
    return event.toBuilder()
        .data(ZstdFrames.inflate(data, maxInflatedBytes))
        .without(Extension.CONTENT_ENCODING)
        .build();
  }

  /** Builds a {@link ZstdCompression}. Confined to one thread. */
  public static final class Builder {

    private int aboveBytes = 8 * 1024;
    private int level = 3;
    private int maxInflatedBytes = 64 * 1024 * 1024;

    private Builder() {}

    /**
     * Leaves small data alone.
     *
     * @param bytes data of this size is not compressed; at least 0, default 8 KiB
     * @return this
     */
    public Builder aboveBytes(int bytes) {
      this.aboveBytes = bytes;
      return this;
    }

    /**
     * Trades time for size.
     *
     * @param level 1 to 22; default 3
     * @return this
     */
    public Builder level(int level) {
      this.level = level;
      return this;
    }

    /**
     * Bounds what a message may become.
     *
     * @param bytes larger data is refused before anything is inflated; default 64 MiB
     * @return this
     */
    public Builder maxInflatedBytes(int bytes) {
      this.maxInflatedBytes = bytes;
      return this;
    }

    /**
     * Makes the stage.
     *
     * @return a stage
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public ZstdCompression build() {
      StringBuilder faults = new StringBuilder();
      if (aboveBytes < 0) {
        faults.append("aboveBytes: ").append(aboveBytes).append(" (expected: >= 0); ");
      }
      if (level < 1 || level > 22) {
        faults.append("level: ").append(level).append(" (expected: 1 to 22); ");
      }
      if (maxInflatedBytes < 1) {
        faults.append("maxInflatedBytes: ").append(maxInflatedBytes).append(" (expected: >= 1); ");
      }
      if (faults.length() > 0) {
        throw new IllegalArgumentException(faults.substring(0, faults.length() - 2));
      }
      return new ZstdCompression(this);
    }
  }
}
