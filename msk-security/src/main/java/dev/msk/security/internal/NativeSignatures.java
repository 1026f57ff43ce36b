package dev.msk.security.internal;

import java.lang.reflect.InvocationTargetException;
import java.security.Provider;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies RSA and ECDSA signatures in native code, if the service has a library for it: <a
 * href="https://github.com/corretto/amazon-corretto-crypto-provider">Amazon Corretto Crypto Provider</a>, else <a
 * href="https://github.com/google/conscrypt">Conscrypt</a>. Looked for once in a process, and what was found is logged. It need
 * not be installed among the JDK's providers, and nothing else than the signatures of tokens goes through it.
 */
final class NativeSignatures {

  private static final Logger log = LoggerFactory.getLogger(NativeSignatures.class);

  private static final List<Candidate> CANDIDATES = List.of(
      new Candidate("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider", type ->
          (Provider) type.getField("INSTANCE").get(null)),
      new Candidate("org.conscrypt.Conscrypt", type ->
          (Provider) type.getMethod("newProvider").invoke(null)));

  private static final List<String> SIGNATURES = List.of("SHA256withRSA", "SHA256withECDSA");

  private NativeSignatures() {}

  /** What verifies the tokens of this process; empty for the JDK's own providers. */
  static Optional<Provider> provider() {
    return Chosen.PROVIDER;
  }

  /** The first of the candidates that is there and works, logged. */
  static Optional<Provider> find(ClassLoader loader) {
    for (Candidate candidate : CANDIDATES) {
      try {
        Provider provider = candidate.provider.of(Class.forName(candidate.type, true, loader));
        if (SIGNATURES.stream().allMatch(name -> provider.getService("Signature", name) != null)) {
          log.info(
              "Signatures of tokens are verified by {} {}",
              provider.getName(),
              provider.getVersionStr());
          return Optional.of(provider);
        }
        log.warn(
            "Signatures of tokens are not verified by {}: it has not all of {} (expected: its native library for this platform)",
            provider.getName(),
            SIGNATURES);
      } catch (ClassNotFoundException e) {
        log.debug("Signatures of tokens: no {} on the class path", candidate.type);
      } catch (InvocationTargetException e) {
        log.warn("Signatures of tokens are not verified by {}", candidate.type, e.getCause());
      } catch (ReflectiveOperationException | LinkageError e) {
        log.warn("Signatures of tokens are not verified by {}", candidate.type, e);
      }
    }
    return Optional.empty();
  }

  private static final class Chosen {
    private static final Optional<Provider> PROVIDER =
        find(NativeSignatures.class.getClassLoader());
  }

  private record Candidate(String type, Factory provider) {}

  private interface Factory {
    Provider of(Class<?> type) throws ReflectiveOperationException;
  }
}
