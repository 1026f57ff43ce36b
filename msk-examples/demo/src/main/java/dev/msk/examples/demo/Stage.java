package dev.msk.examples.demo;

import dev.msk.examples.gateway.GatewayMain;
import dev.msk.examples.inventory.InventoryMain;
import dev.msk.examples.orders.OrdersMain;
import dev.msk.examples.payments.PaymentsMain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The servers and the services of the demo, each a process of its own: {@code gateway}, {@code
 * orders-1}, {@code inventory} and {@code payments}; {@code orders-2} joins when a chapter wants it.
 */
public final class Stage implements AutoCloseable {

  private static final Map<String, Class<?>> MAINS = Map.of(
      "gateway", GatewayMain.class,
      "orders", OrdersMain.class,
      "inventory", InventoryMain.class,
      "payments", PaymentsMain.class);

  private final Story story;
  private final Folders folders;
  private final int gatewayPort;
  private final Opened opened = new Opened();
  private final Map<String, Service> services = new LinkedHashMap<>();
  private Servers servers;
  private Shop shop;

  private Stage(Story story, Folders folders, int gatewayPort) {
    this.story = story;
    this.folders = folders;
    this.gatewayPort = gatewayPort;
  }

  /** An empty stage; {@link #build()} fills it. */
  static Stage of(Story story, Folders folders, int gatewayPort) {
    return new Stage(story, folders, gatewayPort);
  }

  /**
   * A stage for tests, which says nothing.
   *
   * @param root below whose {@code target} logs are written
   * @return everything is up
   */
  public static Stage quiet(Path root) {
    Story silence = new Story(new PrintStream(OutputStream.nullOutputStream()));
    Stage stage;
    try {
      stage = of(silence, Folders.prepare(root), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      stage.build();
      return stage;
    } catch (RuntimeException e) {
      stage.breakOff();
      throw e;
    }
  }

  /** Starts the servers, then the services. */
  void build() {
    servers = Servers.start(opened, folders.identities());
    story.tell(servers.described());
    var inventory = opened.starting(() -> start("inventory", "inventory", 0));
    var orders = opened.starting(() -> start("orders", "orders-1", 0));
    var payments = opened.starting(() -> start("payments", "payments", 0));
    var gateway = opened.starting(() -> start("gateway", "gateway", gatewayPort));
    services.put("gateway", Opened.done(gateway));
    services.put("orders-1", Opened.done(orders));
    services.put("inventory", Opened.done(inventory));
    services.put("payments", Opened.done(payments));
    shop = opened.add(new Shop(
        () -> URI.create(service("gateway").address().orElseThrow()),
        servers.trust(),
        servers.collector()));
    story.tell("gateway on " + service("gateway").address().orElseThrow() + ", orders-1 on "
        + service("orders-1").address().orElseThrow() + ", inventory on "
        + service("inventory").address().orElseThrow() + ", and payments");
  }

  /** Starts the second instance of orders, on the same database, unless it is there. */
  public void needSecondOrders() {
    if (!services.containsKey("orders-2")) {
      services.put("orders-2", opened.add(start("orders", "orders-2", 0)));
      story.tell("orders-2 joins on " + service("orders-2").address().orElseThrow());
    }
  }

  /**
   * What tells.
   *
   * @return the story
   */
  public Story story() {
    return story;
  }

  /**
   * Who buys.
   *
   * @return a client of the gateway
   */
  public Shop shop() {
    return shop;
  }

  /**
   * What the services stand on.
   *
   * @return the servers
   */
  public Servers servers() {
    return servers;
  }

  /**
   * A service.
   *
   * @param instance for instance {@code orders-1}
   * @return its process
   */
  public Service service(String instance) {
    return services.get(instance);
  }

  /**
   * All services.
   *
   * @return by instance
   */
  public Map<String, Service> services() {
    return Map.copyOf(services);
  }

  /**
   * What must be true.
   *
   * @return checks of the databases
   */
  public Checks checks() {
    return new Checks(
        servers.database("orders").source(),
        servers.database("inventory").source(),
        servers.database("payments").source());
  }

  /**
   * Waits until every saga has ended and every delivery was handled, late repetitions included.
   *
   * @throws FalseClaimException when that takes longer than 90 s
   * @throws Exception when a question fails
   */
  public void awaitSettled() throws Exception {
    Checks checks = checks();
    Await.until("every order is PAID or CANCELLED", Duration.ofSeconds(90), checks::allEnded);
    Await.until(
        "every order has arrived at payments",
        Duration.ofSeconds(60),
        () -> servers.database("payments").number("SELECT count(*) FROM ledger")
            >= servers.database("orders").number("SELECT count(*) FROM orders"));
    Await.until(
        "every delivery is handled",
        Duration.ofSeconds(60),
        () -> servers.broker().isRead("payments") && servers.broker().isRead("orders"));
  }

  /**
   * Claims, and has the databases confirm, what must hold at the end of every chapter.
   *
   * @throws FalseClaimException when it does not
   * @throws SQLException when a database cannot be asked
   */
  public void claimAll() throws SQLException {
    Checks checks = checks();
    long count = servers.database("orders").number("SELECT count(*) FROM orders");
    story.claim(
        "every order that a client was promised is there", checks.promisesKept(shop.promised()));
    story.claim(
        count + " orders, each PAID or CANCELLED, as its saga ended", checks.eachEndedAsItsSaga());
    story.claim(
        "money: what is PAID was charged once, what is CANCELLED costs nothing",
        checks.moneyConserved());
    story.claim(
        "stock: what is PAID was sold once, what is CANCELLED is on the shelf again",
        checks.stockConserved(Servers.STOCK));
    story.claim("each event took effect exactly once", checks.eachArrivedOnce());
    story.claim("in the order of each customer: 1, 2, 3 ...", checks.orderOfCustomersKept());
    story.claim("no event was put aside", checks.nothingParked());
  }

  /** Where everything is, for those who want to look on. */
  Map<String, Object> directory() {
    Map<String, Long> pids = new LinkedHashMap<>();
    pids.put("demo", ProcessHandle.current().pid());
    pids.putAll(servers.pids());
    Map<String, String> management = new LinkedHashMap<>();
    services.forEach((name, service) -> {
      pids.put(name, service.pid());
      management.put(name, service.management().toString());
    });
    Map<String, String> jdbc = new LinkedHashMap<>();
    for (String service : new String[] {"orders", "inventory", "payments"}) {
      jdbc.put(service, servers.database(service).url());
    }
    Map<String, Object> directory = new LinkedHashMap<>();
    directory.put("gateway", service("gateway").address().orElseThrow());
    directory.put("token", servers.trust().token("ada"));
    directory.put("management", management);
    directory.put("jdbc", jdbc);
    directory.put("bootstrapServers", servers.kafka().bootstrapServers());
    directory.put("pids", pids);
    directory.put("logs", folders.logs().toString());
    return directory;
  }

  /** Ends all processes, the services first and in order. Idempotent. */
  @Override
  public void close() {
    opened.close(one -> {});
  }

  /** Ends all processes at once, the services as {@code kill -9} does. */
  void breakOff() {
    opened.close(Service::kill);
  }

  private Service start(String service, String instance, int port) {
    return Service.start(
        instance, MAINS.get(service), servers.environment(service, instance, port), folders.logs());
  }
}
