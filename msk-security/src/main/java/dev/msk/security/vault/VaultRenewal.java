package dev.msk.security.vault;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.TlsIdentity.Reload;
import dev.msk.security.internal.Certificates;
import dev.msk.security.internal.FullJitter;
import dev.msk.security.internal.KeyMaterial;
import dev.msk.security.spi.TlsMaterial;
import dev.msk.security.spi.TlsMaterialSource.Receiver;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A row of steps, one after the other: each has a certificate signed, or only looks at the authorities, and says when the
 * next one is due. Thread-safe; the state belongs to the step that is under way.
 */
final class VaultRenewal implements Registration {

  private static final Logger log = LoggerFactory.getLogger(VaultPki.class);
  private static final double LATEST = 2.0 / 3;
  private static final double SPREAD = 1.0 / 15;

  private final VaultPki.Settings settings;
  private final VaultHttp vault;
  private final Scheduler scheduler;
  private final FullJitter backoff;
  private final Receiver receiver;
  private final ReentrantLock lock = new ReentrantLock();
  private Scheduler.@Nullable Task next;
  private boolean closed;

  private @Nullable Issued inForce;
  private List<X509Certificate> authorities = List.of();
  private Instant renewFrom = Instant.MIN;
  private int failures;

  VaultRenewal(
      VaultPki.Settings settings,
      VaultHttp vault,
      Scheduler scheduler,
      FullJitter backoff,
      Receiver receiver) {
    this.settings = settings;
    this.vault = vault;
    this.scheduler = scheduler;
    this.backoff = backoff;
    this.receiver = receiver;
  }

  void step() {
    if (isClosed()) {
      return;
    }
    CompletableFuture<Boolean> done;
    try {
      done = due();
    } catch (RuntimeException e) {
      done = CompletableFuture.failedFuture(e);
    }
    var unused = done.whenComplete((good, failure) -> {
      if (isClosed()) {
        return;
      }
      if (failure != null) {
        receiver.unavailable("Vault: " + VaultRefusal.root(failure));
      }
      failures = failure == null && good ? 0 : failures + 1;
      scheduleNext();
    });
  }

  @Override
  public void close() {
    Scheduler.Task waiting;
    lock.lock();
    try {
      closed = true;
      waiting = next;
    } finally {
      lock.unlock();
    }
    if (waiting != null) {
      waiting.cancel();
    }
  }

  private CompletableFuture<Boolean> due() {
    Issued present = inForce;
    return present == null || !settings.clock().instant().isBefore(renewFrom)
        ? renew()
        : look(present);
  }

  /** A new key and certificate, and the authorities of the moment. */
  private CompletableFuture<Boolean> renew() {
    return settings
        .login()
        .token(vault)
        .thenCompose(this::signed)
        .thenCombine(chain(), this::offer)
        .toCompletableFuture();
  }

  /** The authorities alone; a new certificate too, if those that there are now do not vouch for the one in force. */
  private CompletableFuture<Boolean> look(Issued present) {
    return chain().thenCompose(found -> {
      if (found.isEmpty() || found.equals(authorities) || isClosed()) {
        return CompletableFuture.completedFuture(true);
      }
      TlsMaterial set = present.trusting(found);
      if (!vouchFor(set)) {
        renewFrom = Instant.MIN;
        return renew();
      }
      if (receiver.offer(set) instanceof Reload.Refused) {
        return CompletableFuture.completedFuture(false);
      }
      authorities = found;
      return CompletableFuture.completedFuture(true);
    });
  }

  private boolean vouchFor(TlsMaterial set) {
    try {
      var unused = KeyMaterial.of(set, settings.clock().instant());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private CompletableFuture<Answer> signed(String token) {
    SigningRequest request = SigningRequest.create(
        settings.commonName(), settings.hosts(), settings.uri(), settings.rsa());
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("csr", request.pem())
        .put("common_name", settings.commonName())
        .put("alt_names", String.join(",", settings.hosts()))
        .put("format", "pem");
    String uri = settings.uri();
    if (uri != null) {
      body.put("uri_sans", uri);
    }
    Duration ttl = settings.ttl();
    if (ttl != null) {
      body.put("ttl", ttl.toSeconds() + "s");
    }
    return vault
        .post(settings.mount() + "/sign/" + VaultHttp.segment(settings.role()), body, token)
        .thenApply(answer -> new Answer(request, answer));
  }

  private CompletableFuture<List<X509Certificate>> chain() {
    String path = settings.mount() + "/ca_chain";
    return vault.get(path).thenApply(pem -> {
      try {
        return pem.length == 0 ? List.of() : Certificates.read(pem);
      } catch (GeneralSecurityException e) {
        throw new VaultRefusal(path, 200, ", " + e.getMessage());
      }
    });
  }

  private boolean offer(Answer answer, List<X509Certificate> found) {
    if (isClosed()) {
      return false;
    }
    Issued issued;
    try {
      issued = Issued.of(answer.request().key(), answer.body(), settings.spiffeId());
    } catch (GeneralSecurityException e) {
      receiver.refused("Vault: " + e.getMessage());
      return false;
    }
    if (receiver.offer(issued.trusting(found)) instanceof Reload.Refused) {
      return false;
    }
    inForce = issued;
    authorities = found;
    Instant now = settings.clock().instant();
    Duration life = Duration.between(now, issued.expiresAt());
    double part = LATEST - SPREAD * backoff.random().nextDouble();
    renewFrom = now.plusMillis((long) (life.toMillis() * part));
    return true;
  }

  private void scheduleNext() {
    Duration wait = settings.lookEvery();
    if (failures > 0) {
      wait = backoff.after(failures);
    } else {
      Duration untilRenewal = Duration.between(settings.clock().instant(), renewFrom);
      wait = untilRenewal.compareTo(wait) < 0 ? untilRenewal : wait;
    }
    try {
      keep(scheduler.schedule(wait, this::step));
    } catch (RejectedExecutionException e) {
      log.warn("Vault is not asked again: its scheduler has stopped");
    }
  }

  private void keep(Scheduler.Task task) {
    boolean late;
    lock.lock();
    try {
      next = task;
      late = closed;
    } finally {
      lock.unlock();
    }
    if (late) {
      task.cancel();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private record Answer(SigningRequest request, ObjectNode body) {}
}
