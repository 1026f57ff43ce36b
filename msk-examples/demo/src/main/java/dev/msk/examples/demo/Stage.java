package dev.msk.examples.demo;

import dev.msk.examples.contracts.Topics;
import dev.msk.examples.orders.OrdersMain;
import dev.msk.examples.payments.PaymentsMain;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The servers and the services of the demo: PostgreSQL with a database for each service, Kafka,
 * {@code orders-1}, from the third chapter on {@code orders-2}, and {@code payments}.
 */
public final class Stage implements AutoCloseable {

  /** How soon a lease runs out whose owner is paused. */
  public static final Duration LEASE_TTL = Duration.ofSeconds(2);

  private static final int PARTITIONS = 6;

  private final Story story;
  private final Path logs;
  private final int ordersPort;
  private final Executor threads;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Service> orders = new ArrayList<>();
  private final Shop shop = new Shop();
  private PostgresServer postgres;
  private KafkaServer kafka;
  private Database ordersDatabase;
  private Database paymentsDatabase;
  private Broker broker;
  private Service payments;
  private boolean closed;

  private Stage(Story story, Path logs, int ordersPort) {
    this.story = story;
    this.logs = logs;
    this.ordersPort = ordersPort;
    ClassLoader ours = Stage.class.getClassLoader();
    this.threads = work -> {
      Thread thread = new Thread(work, "demo-start");
      thread.setContextClassLoader(ours);
      thread.setDaemon(true);
      thread.start();
    };
  }

  /** An empty stage; {@link #build()} fills it. */
  static Stage of(Story story, Path logs, int ordersPort) {
    return new Stage(story, logs, ordersPort);
  }

  /** Starts the servers, then the services. */
  void build() {
    var startingPostgres = starting(PostgresServer::start);
    var startingKafka = starting(KafkaServer::start);
    postgres = done(startingPostgres);
    ordersDatabase = new Database(postgres.createDatabase("orders"));
    paymentsDatabase = new Database(postgres.createDatabase("payments"));
    kafka = done(startingKafka);
    kafka.createTopic(Topics.ORDERS, PARTITIONS);
    kafka.createTopic(Topics.PAYMENTS, PARTITIONS);
    broker = opened(new Broker(kafka.bootstrapServers(), PARTITIONS));
    story.tell("PostgreSQL on " + postgres.address() + ", Kafka on " + kafka.address());

    var startingOrders = starting(() -> startOrders("orders-1", ordersPort));
    var startingPayments = starting(() -> Service.start(
        "payments", PaymentsMain.class, environment("payments", paymentsDatabase, 0), logs));
    orders.add(done(startingOrders));
    payments = done(startingPayments);
    story.tell("orders-1 on " + orders.get(0).uri() + ", payments on " + payments.uri());
  }

  /** Starts the second instance of orders, on the same database. */
  public void startSecondOrders() {
    orders.add(opened(startOrders("orders-2", 0)));
    story.tell("orders-2 on " + orders.get(1).uri());
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
   * @return the client of orders
   */
  public Shop shop() {
    return shop;
  }

  /**
   * What must be true.
   *
   * @return checks of both databases
   */
  public Checks checks() {
    return new Checks(ordersDatabase.source(), paymentsDatabase.source());
  }

  /**
   * What the broker holds.
   *
   * @return a client of Kafka
   */
  public Broker broker() {
    return broker;
  }

  /**
   * The broker itself.
   *
   * @return to be stopped and started again
   */
  public KafkaServer kafka() {
    return kafka;
  }

  /**
   * An instance of orders.
   *
   * @param index 0, or 1 from the third chapter on
   * @return a service
   */
  public Service orders(int index) {
    return orders.get(index);
  }

  /**
   * All instances of orders.
   *
   * @return one, or two from the third chapter on
   */
  public List<Service> orders() {
    return List.copyOf(orders);
  }

  /**
   * The service payments.
   *
   * @return a service
   */
  public Service payments() {
    return payments;
  }

  /**
   * The database of orders.
   *
   * @return for questions
   */
  public Database ordersDatabase() {
    return ordersDatabase;
  }

  /**
   * The database of payments.
   *
   * @return for questions
   */
  public Database paymentsDatabase() {
    return paymentsDatabase;
  }

  /**
   * Waits until no order waits for its payment and every delivery was handled, late repetitions
   * included.
   */
  public void awaitSettled() throws Exception {
    Await.until(
        "every order is settled",
        Duration.ofSeconds(45),
        () -> ordersDatabase.number("SELECT count(*) FROM orders WHERE status = 'ACCEPTED'") == 0);
    Await.until(
        "every delivery is handled",
        Duration.ofSeconds(45),
        () -> broker.isRead("payments", Topics.ORDERS) && broker.isRead("orders", Topics.PAYMENTS));
  }

  /**
   * Claims, and has the databases confirm, what must hold at the end of every chapter.
   *
   * @throws FalseClaimException when it does not
   */
  public void claimAll() throws SQLException {
    Checks checks = checks();
    long count = ordersDatabase.number("SELECT count(*) FROM orders");
    story.claim(
        "every order that a client was promised is there", checks.promisesKept(shop.promised()));
    story.claim(count + " orders, each charged exactly once", checks.eachChargedOnce());
    story.claim("each event took effect exactly once", checks.eachArrivedOnce());
    story.claim("in the order of each customer: 1, 2, 3 ...", checks.orderOfCustomersKept());
    story.claim("each order is PAID or DECLINED as it was charged", checks.eachSettledAsCharged());
    story.claim("no event was put aside", checks.nothingParked());
  }

  /** Where everything is, for those who want to look on. */
  Map<String, Object> directory() {
    Map<String, Long> pids = new LinkedHashMap<>();
    pids.put("demo", ProcessHandle.current().pid());
    pids.put("postgres", postgres.pid());
    pids.put("kafka", kafka.pid());
    orders.forEach(service -> pids.put(service.name(), service.pid()));
    pids.put("payments", payments.pid());
    Map<String, String> jdbc = new LinkedHashMap<>();
    jdbc.put("orders", ordersDatabase.url());
    jdbc.put("payments", paymentsDatabase.url());
    Map<String, Object> directory = new LinkedHashMap<>();
    directory.put(
        "orders", orders.stream().map(service -> service.uri().toString()).toList());
    directory.put("payments", payments.uri().toString());
    directory.put("jdbc", jdbc);
    directory.put("bootstrapServers", kafka.bootstrapServers());
    directory.put("pids", pids);
    directory.put("logs", logs.toString());
    return directory;
  }

  /** Ends all processes, the services first and in order. Idempotent. */
  @Override
  public void close() {
    end(one -> {});
  }

  /** Ends all processes at once, the services as {@code kill -9} does. */
  void breakOff() {
    end(Service::kill);
  }

  private void end(Consumer<Service> before) {
    List<AutoCloseable> all;
    synchronized (opened) {
      closed = true;
      all = List.copyOf(opened);
      opened.clear();
    }
    closeAtOnce(all.stream().filter(one -> one instanceof Service).toList(), before);
    closeAtOnce(all.stream().filter(one -> !(one instanceof Service)).toList(), before);
  }

  private void closeAtOnce(List<AutoCloseable> some, Consumer<Service> before) {
    some.stream()
        .map(one -> CompletableFuture.runAsync(
            () -> {
              if (one instanceof Service service) {
                before.accept(service);
              }
              close(one);
            },
            threads))
        .toList()
        .forEach(CompletableFuture::join);
  }

  private Service startOrders(String name, int port) {
    return Service.start(name, OrdersMain.class, environment(name, ordersDatabase, port), logs);
  }

  private Map<String, String> environment(String owner, Database database, int port) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HTTP_HOST", "127.0.0.1");
    environment.put("HTTP_PORT", String.valueOf(port));
    environment.put("DB_URL", database.url());
    environment.put("DB_USER", "");
    environment.put("DB_PASSWORD", "");
    environment.put("OWNER", owner);
    environment.put("LEASE_TTL", LEASE_TTL.toString());
    environment.put("LIMIT_CENTS", "100000");
    environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    // A consumer that was killed or paused is missed after 2 s instead of 45.
    environment.put("KAFKA_SESSION_TIMEOUT_MS", "2000");
    environment.put("KAFKA_HEARTBEAT_INTERVAL_MS", "500");
    return environment;
  }

  private <T extends AutoCloseable> CompletableFuture<T> starting(Supplier<T> start) {
    return CompletableFuture.supplyAsync(() -> opened(start.get()), threads);
  }

  private <T extends AutoCloseable> T opened(T started) {
    synchronized (opened) {
      if (!closed) {
        opened.add(started);
        return started;
      }
    }
    close(started);
    throw new IllegalStateException("the demo is ending");
  }

  private static <T> T done(CompletableFuture<T> start) {
    try {
      return start.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      System.err.println("demo: " + e.getMessage());
    }
  }
}
