package dev.msk.security.internal;

import java.net.http.HttpClient;
import java.util.concurrent.locks.ReentrantLock;

/** An HTTP client that is shut down when it is out of date and nobody is just about to send with it. Thread-safe. */
public final class ClientGeneration {

  private final long number;
  private final HttpClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private int uses;
  private boolean retired;

  /**
   * A client in use.
   *
   * @param number of the generation of its context
   * @param client of the JDK
   */
  public ClientGeneration(long number, HttpClient client) {
    this.number = number;
    this.client = client;
  }

  /**
   * The generation.
   *
   * @return its number
   */
  public long number() {
    return number;
  }

  /**
   * The client.
   *
   * @return of the JDK
   */
  public HttpClient client() {
    return client;
  }

  /**
   * Begins a use.
   *
   * @return false if it is out of date
   */
  public boolean begin() {
    lock.lock();
    try {
      if (!retired) {
        uses++;
      }
      return !retired;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a use that has begun. */
  public void end() {
    boolean last;
    lock.lock();
    try {
      uses--;
      last = retired && uses == 0;
    } finally {
      lock.unlock();
    }
    if (last) {
      HttpClientEnd.begin(client);
    }
  }

  /** Lets no more uses begin. Idempotent. */
  public void retire() {
    boolean unused;
    lock.lock();
    try {
      unused = !retired && uses == 0;
      retired = true;
    } finally {
      lock.unlock();
    }
    if (unused) {
      HttpClientEnd.begin(client);
    }
  }
}
