package dev.msk.localservers.sqs;

import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/** Runs one ElasticMQ on a port of 127.0.0.1, until SIGTERM. It keeps queues and messages in memory. */
public final class RunSqs {
  private RunSqs() {}

  /**
   * Starts it.
   *
   * @param args the port
   */
  public static void main(String[] args) {
    try {
      int port = Integer.parseInt(args[0]);
      SQSRestServerBuilder.withInterface("127.0.0.1").withPort(port).start().waitUntilStarted();
      System.out.println("listening on " + port);
    } catch (Throwable e) {
      // A failed start leaves threads that would keep the JVM.
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }
}
