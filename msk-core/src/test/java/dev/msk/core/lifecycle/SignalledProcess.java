package dev.msk.core.lifecycle;

import java.util.concurrent.CountDownLatch;

/** A service as a process of its own, for {@link LifecycleSignalTest}. */
final class SignalledProcess {

  private SignalledProcess() {}

  public static void main(String[] args) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", () -> System.err.println("database closed"))
        .part(Part.named("http")
            .start(() -> {
              if (args[0].equals("hanging-start")) {
                System.err.println("hangs");
                never.await();
              }
            })
            .drain(() -> System.err.println("http drained")))
        .build()
        .stopOnSigterm();
    try {
      lifecycle.start();
    } catch (LifecycleException e) {
      System.err.println(e.getMessage());
      return;
    }
    if (args[0].equals("closed-before")) {
      lifecycle.close();
      System.err.println("closed");
      return;
    }
    System.err.println("up");
    lifecycle.awaitStop();
    System.err.println("main goes on");
  }
}
