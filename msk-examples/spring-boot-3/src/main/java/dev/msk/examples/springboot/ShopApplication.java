package dev.msk.examples.springboot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Takes orders over REST. */
@SpringBootApplication
public class ShopApplication {

  /**
   * Starts the service.
   *
   * @param args Spring's
   */
  public static void main(String[] args) {
    SpringApplication.run(ShopApplication.class, args);
  }
}
