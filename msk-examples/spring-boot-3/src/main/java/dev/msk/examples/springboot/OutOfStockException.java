package dev.msk.examples.springboot;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

/** More pieces were ordered than there are. */
@ResponseStatus(HttpStatus.CONFLICT)
class OutOfStockException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  OutOfStockException(String sku, int quantity, int stock) {
    super("quantity: " + quantity + " of " + sku + " (expected: at most " + stock + ")");
  }
}
