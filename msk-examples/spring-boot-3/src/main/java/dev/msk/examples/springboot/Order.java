package dev.msk.examples.springboot;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

@Entity
@Table(name = "orders")
class Order {

  @Id
  private String id;

  private String sku;

  private int quantity;

  /** Of two transactions that change one order at once, and publish, one fails: so its events come in one order. */
  @Version
  private Long version;

  protected Order() {}

  Order(String id, String sku, int quantity) {
    this.id = id;
    this.sku = sku;
    this.quantity = quantity;
  }

  String id() {
    return id;
  }

  String sku() {
    return sku;
  }

  int quantity() {
    return quantity;
  }
}
