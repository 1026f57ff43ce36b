package dev.msk.examples.springboot;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OrderController {

  /**
   * What a client sends.
   *
   * @param sku of what
   * @param quantity how many
   */
  record NewOrder(String sku, int quantity) {}

  private final OrderService service;

  OrderController(OrderService service) {
    this.service = service;
  }

  @PutMapping("/orders/{id}")
  @ResponseStatus(HttpStatus.CREATED)
  NewOrder place(@PathVariable("id") String id, @RequestBody NewOrder order) {
    service.place(new Order(id, order.sku(), order.quantity()));
    return order;
  }
}
