package dev.msk.security;

import dev.msk.security.internal.PemFiles;
import dev.msk.security.spi.TlsMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** Three files, parsed anew only when their bytes have changed. Confined to one thread at a time. */
final class TlsFiles {

  private final Path key;
  private final Path chain;
  private final Path bundle;
  private @Nullable PemFiles lastRead;
  private @Nullable TlsMaterial lastParsed;

  TlsFiles(Path key, Path chain, Path bundle) {
    this.key = key;
    this.chain = chain;
    this.bundle = bundle;
  }

  TlsMaterial read() throws IOException, GeneralSecurityException {
    PemFiles files = PemFiles.read(key, chain, bundle);
    TlsMaterial known = lastParsed;
    if (known != null && lastRead != null && files.sameAs(lastRead)) {
      return known;
    }
    TlsMaterial parsed = files.material();
    lastRead = files;
    lastParsed = parsed;
    return parsed;
  }

  /** Why there is nothing to publish. */
  static String reason(Exception e) {
    return e instanceof IOException ? "files: " + e : String.valueOf(e.getMessage());
  }

  @Override
  public String toString() {
    return key + ", " + chain + ", " + bundle;
  }
}
