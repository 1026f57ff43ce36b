package dev.msk.localservers.eureka;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;

/** Runs one Eureka server with the Spring properties of its arguments, until SIGTERM. */
@SpringBootApplication
@EnableEurekaServer
public class RunEureka {

  /** For Spring. */
  public RunEureka() {}

  /**
   * Starts it.
   *
   * @param args properties, for instance {@code --server.port=8761}
   */
  public static void main(String[] args) {
    SpringApplication.run(RunEureka.class, args);
  }
}
