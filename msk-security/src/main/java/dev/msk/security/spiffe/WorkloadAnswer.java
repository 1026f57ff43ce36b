package dev.msk.security.spiffe;

import dev.msk.security.SpiffeId;
import dev.msk.security.internal.Certificates;
import dev.msk.security.internal.Pkcs8;
import dev.msk.security.spi.TlsMaterial;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An {@code X509SVIDResponse}: each is all that counts from then on.
 *
 * @param svids at least one
 * @param federated bundles of other trust domains, by domain
 * @param crls how many revocation lists there were
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md#51-profile-definition">X.509-SVID
 *     profile</a>
 */
record WorkloadAnswer(List<Svid> svids, Map<String, List<X509Certificate>> federated, int crls) {

  private static final int SVIDS = 1;
  private static final int CRL = 2;
  private static final int FEDERATED_BUNDLES = 3;
  private static final int SPIFFE_ID = 1;
  private static final int CHAIN = 2;
  private static final int KEY = 3;
  private static final int BUNDLE = 4;
  private static final int HINT = 5;
  private static final int MAP_KEY = 1;
  private static final int MAP_VALUE = 2;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;

  static WorkloadAnswer parse(byte[] encoded) throws GeneralSecurityException {
    ProtoMessage answer = ProtoMessage.parse(encoded);
    List<Svid> svids = new ArrayList<>();
    for (byte[] svid : answer.all(SVIDS)) {
      ProtoMessage fields = ProtoMessage.parse(svid);
      svids.add(new Svid(
          fields.text(SPIFFE_ID),
          fields.bytes(CHAIN),
          fields.bytes(KEY),
          fields.bytes(BUNDLE),
          fields.text(HINT)));
    }
    if (svids.isEmpty()) {
      throw new GeneralSecurityException("svids: none (expected: at least one)");
    }
    Map<String, List<X509Certificate>> federated = new HashMap<>();
    for (byte[] entry : answer.all(FEDERATED_BUNDLES)) {
      ProtoMessage fields = ProtoMessage.parse(entry);
      byte[] bundle = fields.bytes(MAP_VALUE);
      String domain = domain(fields.text(MAP_KEY));
      if (bundle.length == 0) {
        federated.remove(domain);
      } else {
        federated.put(domain, certificates("federated_bundles of " + domain, bundle));
      }
    }
    return new WorkloadAnswer(svids, federated, answer.all(CRL).size());
  }

  /** The first SVID, or the first one with a hint, with the bundles that go with it. */
  TlsMaterial material(String hint) throws GeneralSecurityException {
    Svid chosen = svids.stream()
        .filter(svid -> hint.isEmpty() || svid.hint().equals(hint))
        .findFirst()
        .orElseThrow(() -> new GeneralSecurityException("svids: none with hint " + hint
            + " (there are: " + svids.stream().map(Svid::hint).toList() + ")"));
    SpiffeId id = id("spiffe_id", chosen.spiffeId());
    if (id.path().isEmpty()) {
      throw new GeneralSecurityException("spiffe_id: " + id + " (expected: one with a path)");
    }
    List<X509Certificate> chain = certificates("x509_svid", chosen.chain());
    requireSvid(chain.get(0), id);
    Map<String, List<X509Certificate>> others = new HashMap<>(federated);
    others.remove(id.trustDomain());
    return new TlsMaterial(
        chosen.privateKey(), chain, certificates("bundle", chosen.bundle()), others);
  }

  private static void requireSvid(X509Certificate leaf, SpiffeId id)
      throws GeneralSecurityException {
    if (!SpiffeId.of(leaf).equals(Optional.of(id))) {
      throw new GeneralSecurityException("x509_svid: of "
          + SpiffeId.of(leaf).map(SpiffeId::toString).orElse("no id") + " (expected: " + id + ")");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (leaf.getBasicConstraints() >= 0
        || usage == null
        || !usage[DIGITAL_SIGNATURE]
        || usage[KEY_CERT_SIGN]
        || usage[CRL_SIGN]) {
      throw new GeneralSecurityException(
          "x509_svid: of an authority (expected: a leaf, for digital signatures)");
    }
  }

  private static String domain(String text) throws GeneralSecurityException {
    SpiffeId id = id("federated_bundles", text);
    if (!id.path().isEmpty()) {
      throw new GeneralSecurityException(
          "federated_bundles: " + id + " (expected: the id of a trust domain)");
    }
    return id.trustDomain();
  }

  private static SpiffeId id(String field, String text) throws GeneralSecurityException {
    try {
      return SpiffeId.of(text);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException(field + ": " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> certificates(String field, byte[] encoded)
      throws GeneralSecurityException {
    try {
      List<X509Certificate> certificates = Certificates.read(encoded);
      int length = 0;
      for (X509Certificate certificate : certificates) {
        length += certificate.getEncoded().length;
      }
      if (length != encoded.length) {
        throw new GeneralSecurityException(encoded.length + " bytes, of which " + length
            + " are certificates (expected: DER, nothing else)");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(field + ": " + e.getMessage(), e);
    }
  }

  /** An identity as it came. */
  record Svid(String spiffeId, byte[] chain, byte[] key, byte[] bundle, String hint) {

    PrivateKey privateKey() throws GeneralSecurityException {
      try {
        return Pkcs8.key(key);
      } catch (GeneralSecurityException e) {
        throw new GeneralSecurityException("x509_svid_key: " + e.getMessage(), e);
      }
    }

    /** Names the identity; never the key. */
    @Override
    public String toString() {
      return "Svid[" + spiffeId + "]";
    }
  }
}
