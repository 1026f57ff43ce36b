package dev.msk.security.vault;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.core.security.CredentialSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * How this process proves to Vault who it is, anew for each certificate, so that no token has to be kept alive. Immutable,
 * thread-safe; its {@link #toString()} tells no secret.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/auth">Auth methods</a>
 */
public abstract sealed class VaultLogin {

  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");

  private static final int MAX_FILE_BYTES = 16_384;

  private VaultLogin() {}

  /**
   * A token that others keep valid in a file, such as Vault's agent; read each time.
   *
   * @param file of at most 16 KiB
   * @return the login
   */
  public static VaultLogin tokenFile(Path file) {
    return new TokenFile(requireNonNull(file, "file"));
  }

  /**
   * A Kubernetes service account, at the mount {@code kubernetes}.
   *
   * @param role of Vault's auth method
   * @param tokenFile the projected token, of at most 16 KiB, read each time; by custom {@code
   *     /var/run/secrets/kubernetes.io/serviceaccount/token}
   * @return the login
   */
  public static VaultLogin kubernetes(String role, Path tokenFile) {
    return new Kubernetes(
        "kubernetes", requireNonNull(role, "role"), requireNonNull(tokenFile, "tokenFile"));
  }

  /**
   * A JWT of an issuer that Vault trusts, at the mount {@code jwt}.
   *
   * @param role of Vault's auth method
   * @param tokens asked for one for the peer {@code vault}, for example a {@link dev.msk.security.TokenSource}
   * @return the login
   */
  public static VaultLogin jwt(String role, CredentialSource tokens) {
    return new Jwt("jwt", requireNonNull(role, "role"), requireNonNull(tokens, "tokens"));
  }

  /**
   * An AppRole, at the mount {@code approle}.
   *
   * @param roleId of the role
   * @param secretIdFile the secret id, of at most 16 KiB, read each time; it must be good for more than one use
   * @return the login
   */
  public static VaultLogin appRole(String roleId, Path secretIdFile) {
    return new AppRole(
        "approle", requireNonNull(roleId, "roleId"), requireNonNull(secretIdFile, "secretIdFile"));
  }

  /**
   * The same at another mount.
   *
   * @param mount path of the auth method, for example {@code kubernetes-eu}; means nothing to a token
   * @return another login
   * @throws IllegalArgumentException if it is no path
   */
  public final VaultLogin at(String mount) {
    if (!isMount(mount)) {
      throw new IllegalArgumentException(
          "mount: " + mount + " (expected: a path such as jwt, without slashes around)");
    }
    return moved(mount);
  }

  /** Segments with slashes between them. */
  static boolean isMount(String path) {
    return Arrays.stream(path.split("/", -1))
        .allMatch(segment -> SEGMENT.matcher(segment).matches());
  }

  abstract VaultLogin moved(String mount);

  abstract CompletionStage<String> token(VaultHttp vault);

  /** The kind, and no more. */
  @Override
  public String toString() {
    return "VaultLogin[" + getClass().getSimpleName() + "]";
  }

  private static CompletableFuture<String> login(VaultHttp vault, String mount, ObjectNode body) {
    String path = "auth/" + mount + "/login";
    return vault.post(path, body, null).thenApply(answer -> {
      JsonNode token = answer.path("auth").path("client_token");
      if (!token.isTextual() || !isToken(token.textValue())) {
        throw new VaultRefusal(path, 200, ", auth.client_token: absent or not printable");
      }
      return token.textValue();
    });
  }

  private static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  private static ObjectNode form() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static CompletableFuture<String> read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IOException(file + ": too long (expected: <= " + MAX_FILE_BYTES + " bytes)");
      }
      String text = Files.readString(file).strip();
      if (!isToken(text)) {
        throw new IOException(file + ": empty or not printable (expected: a token)");
      }
      return CompletableFuture.completedFuture(text);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static final class TokenFile extends VaultLogin {

    private final Path file;

    TokenFile(Path file) {
      this.file = file;
    }

    @Override
    VaultLogin moved(String mount) {
      return this;
    }

    @Override
    CompletionStage<String> token(VaultHttp vault) {
      return read(file);
    }
  }

  private static final class Kubernetes extends VaultLogin {

    private final String mount;
    private final String role;
    private final Path file;

    Kubernetes(String mount, String role, Path file) {
      this.mount = mount;
      this.role = role;
      this.file = file;
    }

    @Override
    VaultLogin moved(String other) {
      return new Kubernetes(other, role, file);
    }

    @Override
    CompletionStage<String> token(VaultHttp vault) {
      return read(file)
          .thenCompose(jwt -> login(vault, mount, form().put("role", role).put("jwt", jwt)));
    }
  }

  private static final class Jwt extends VaultLogin {

    private final String mount;
    private final String role;
    private final CredentialSource tokens;

    Jwt(String mount, String role, CredentialSource tokens) {
      this.mount = mount;
      this.role = role;
      this.tokens = tokens;
    }

    @Override
    VaultLogin moved(String other) {
      return new Jwt(other, role, tokens);
    }

    @Override
    CompletionStage<String> token(VaultHttp vault) {
      return tokens
          .credential("vault")
          .thenCompose(
              token -> login(vault, mount, form().put("role", role).put("jwt", token.value())));
    }
  }

  private static final class AppRole extends VaultLogin {

    private final String mount;
    private final String roleId;
    private final Path file;

    AppRole(String mount, String roleId, Path file) {
      this.mount = mount;
      this.roleId = roleId;
      this.file = file;
    }

    @Override
    VaultLogin moved(String other) {
      return new AppRole(other, roleId, file);
    }

    @Override
    CompletionStage<String> token(VaultHttp vault) {
      return read(file)
          .thenCompose(secret ->
              login(vault, mount, form().put("role_id", roleId).put("secret_id", secret)));
    }
  }
}
