package dev.msk.security.vault;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A certificate request as an authority reads it: its signature is checked. */
record ReadRequest(PublicKey key, String commonName, List<String> uris, List<String> hosts) {

  private static final byte[] RSA = {0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d};

  static ReadRequest of(String pem) throws GeneralSecurityException {
    String body = pem.replaceAll("-----[A-Z ]+-----|\\s", "");
    List<Node> request = Node.parse(Base64.getDecoder().decode(body)).get(0).children();
    List<Node> info = request.get(0).children();
    boolean rsa =
        Arrays.equals(Arrays.copyOf(request.get(1).children().get(0).content, RSA.length), RSA);
    PublicKey key = KeyFactory.getInstance(rsa ? "RSA" : "EC")
        .generatePublic(new X509EncodedKeySpec(info.get(2).whole));
    Signature verifier = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
    verifier.initVerify(key);
    verifier.update(request.get(0).whole);
    byte[] signature = request.get(2).content;
    if (!verifier.verify(signature, 1, signature.length - 1)) {
      throw new GeneralSecurityException("signature of the request");
    }
    Node name = info.get(1).children().get(0).children().get(0).children().get(1);
    List<String> uris = new ArrayList<>();
    List<String> hosts = new ArrayList<>();
    for (Node attribute : info.get(3).children()) {
      Node extension = attribute.children().get(1).children().get(0).children().get(0);
      for (Node san : Node.parse(extension.children().get(1).content).get(0).children()) {
        (san.tag == 0x86 ? uris : hosts).add(san.text());
      }
    }
    return new ReadRequest(key, name.text(), uris, hosts);
  }

  private record Node(int tag, byte[] whole, byte[] content) {

    static List<Node> parse(byte[] der) {
      List<Node> nodes = new ArrayList<>();
      ByteBuffer in = ByteBuffer.wrap(der);
      while (in.hasRemaining()) {
        int begin = in.position();
        int tag = in.get() & 0xff;
        int length = in.get() & 0xff;
        if (length > 0x80) {
          int digits = length & 0x7f;
          length = 0;
          for (int i = 0; i < digits; i++) {
            length = (length << 8) | (in.get() & 0xff);
          }
        }
        byte[] content = new byte[length];
        in.get(content);
        nodes.add(new Node(tag, Arrays.copyOfRange(der, begin, in.position()), content));
      }
      return nodes;
    }

    List<Node> children() {
      return parse(content);
    }

    String text() {
      return new String(content, StandardCharsets.UTF_8);
    }
  }
}
