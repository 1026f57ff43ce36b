package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.Stage;
import java.sql.SQLException;
import java.util.List;

/** A card is declined after the pieces were put aside. */
public final class DeclinedCard implements Chapter {

  /** A chapter. */
  public DeclinedCard() {}

  @Override
  public String title() {
    return "A declined card: the stock is what it was";
  }

  @Override
  public void play(Stage stage) throws Exception {
    String before = stock(stage);
    String id = stage.shop().place(new Wanted("ada", "tea-500g", 3, 2_500_000));
    Orders.awaitStatus(stage, "ada", id, "CANCELLED");
    stage.awaitSettled();
    stage.story().tell("GET /orders/" + id + ": " + stage.shop().show("ada", id));
    Orders.tellSteps(stage, id);
    String after = stock(stage);
    stage
        .story()
        .claim(
            "stock before and after: " + before,
            before.equals(after) ? List.of() : List.of("after: " + after));
    stage.claimAll();
  }

  private static String stock(Stage stage) throws SQLException {
    return String.join(
        ", ",
        stage
            .servers()
            .database("inventory")
            .texts("SELECT sku || ' ' || available || ' available, ' || reserved || ' reserved, '"
                + " || sold || ' sold' FROM stock WHERE sku = 'tea-500g'"));
  }
}
