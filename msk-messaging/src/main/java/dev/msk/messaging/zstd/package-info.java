/** Compression of event data by zstd. Open {@link dev.msk.messaging.zstd.ZstdCompression}. */
package dev.msk.messaging.zstd;
