package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.DnsServer.RecordType;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.stream.IntStream;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/** Asked by the JDK's client, and where its answers do not say enough, by dnsjava's. */
class DnsServerTest {
  private static final Duration TTL = Duration.ofSeconds(30);

  private static DnsServer dns;

  @BeforeAll
  static void start() {
    dns = DnsServer.builder().negativeTtl(Duration.ofSeconds(7)).start();
  }

  @AfterEach
  void restore() {
    dns.restore();
    dns.clear();
  }

  @AfterAll
  static void close() {
    dns.close();
    Await.gone(dns.pid());
    assertThat(dns.folder()).doesNotExist();
  }

  @Test
  void records_areFoundByTheJdksClient() throws NamingException {
    dns.put("orders.test", RecordType.A, TTL, "127.0.0.1", "127.0.0.2");
    dns.put("orders.test", RecordType.AAAA, TTL, "::1");
    dns.put("_grpc._tcp.orders.test", RecordType.SRV, TTL, "0 10 8443 orders.test");

    assertThat(lookup("orders.test", "A")).containsExactly("127.0.0.1", "127.0.0.2");
    assertThat(lookup("ORDERS.test", "AAAA")).containsExactly("::1");
    assertThat(lookup("_grpc._tcp.orders.test", "SRV")).containsExactly("0 10 8443 orders.test.");
  }

  @Test
  void put_andRemove_holdForTheNextQuery() throws NamingException {
    for (int i = 1; i < 100; i++) {
      String address = "127.0.0." + i;
      dns.put("orders.test", RecordType.A, TTL, address);
      assertThat(lookup("orders.test", "A")).containsExactly(address);
    }

    dns.remove("orders.test", RecordType.A);

    assertThatThrownBy(() -> lookup("orders.test", "A")).isInstanceOf(NameNotFoundException.class);
  }

  @Test
  void answer_isAuthoritative_withItsTtl() throws IOException {
    dns.put("orders.test", RecordType.A, Duration.ofSeconds(5), "127.0.0.1");

    Message answer = ask(udp(), "orders.test.", Type.A);

    assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
    assertThat(answer.getHeader().getFlag(Flags.RA)).isFalse();
    assertThat(answer.getSection(Section.ANSWER).get(0).getTTL()).isEqualTo(5);
  }

  @Test
  void nameThatIsNotThere_isNxdomain_withTheSoaForHowLong() throws IOException {
    Message answer = ask(udp(), "nothing.test.", Type.A);

    assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    SOARecord soa = (SOARecord) answer.getSection(Section.AUTHORITY).get(0);
    assertThat(soa.getTTL()).isEqualTo(7);
    assertThat(soa.getMinimum()).isEqualTo(7);
  }

  @Test
  void typeThatIsNotThere_isNoError_andNeitherIsANameAboveOthers() throws IOException {
    dns.put("_grpc._tcp.orders.test", RecordType.SRV, TTL, "0 10 8443 a.orders.test");

    for (String name : List.of("_grpc._tcp.orders.test.", "_tcp.orders.test.", "orders.test.")) {
      Message answer = ask(udp(), name, Type.A);
      assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
      assertThat(answer.getSection(Section.ANSWER)).isEmpty();
      assertThat(answer.getSection(Section.AUTHORITY)).hasOnlyElementsOfType(SOARecord.class);
    }
  }

  @Test
  void nameOfAnotherZone_isRefused() throws IOException {
    assertThat(ask(udp(), "orders.example.", Type.A).getRcode()).isEqualTo(Rcode.REFUSED);
  }

  @Test
  void notify_isNotImplemented() throws IOException {
    Message query = Message.newQuery(question("orders.test.", Type.SOA));
    query.getHeader().setOpcode(Opcode.NOTIFY);

    assertThat(udp().send(query).getRcode()).isEqualTo(Rcode.NOTIMP);
  }

  @Test
  void brokenQuery_isAFormatError() throws IOException {
    byte[] query = Message.newQuery(question("orders.test.", Type.A)).toWire();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(10_000);
      socket.connect(new InetSocketAddress("127.0.0.1", dns.port()));
      socket.send(new DatagramPacket(query, query.length - 5));
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      socket.receive(packet);

      Message answer = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
      assertThat(answer.getRcode()).isEqualTo(Rcode.FORMERR);
      assertThat(answer.getHeader().getID())
          .isEqualTo(new Message(query).getHeader().getID());
    }
  }

  @Test
  void srv_bringsTheAddressesOfItsTargets() throws IOException {
    dns.put("_http._tcp.orders.test", RecordType.SRV, TTL, "0 1 80 a.test", "0 1 81 a.test");
    dns.put("a.test", RecordType.A, TTL, "127.0.0.1");

    Message answer = ask(udp(), "_http._tcp.orders.test.", Type.SRV);

    assertThat(answer.getSection(Section.ANSWER)).hasSize(2);
    assertThat(answer.getSection(Section.ADDITIONAL).stream().map(Record::getType))
        .containsExactlyInAnyOrder(Type.A, Type.OPT);
  }

  @Test
  void alias_bringsWhatItStandsFor_orSaysThatItIsNotThere() throws IOException {
    dns.put("old.test", RecordType.CNAME, TTL, "new.test");
    assertThat(ask(udp(), "old.test.", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);

    dns.put("new.test", RecordType.A, TTL, "127.0.0.1");

    Message answer = ask(udp(), "old.test.", Type.A);
    assertThat(answer.getSection(Section.ANSWER).stream().map(Record::getType))
        .containsExactly(Type.CNAME, Type.A);
  }

  @Test
  void aliases_inACircle_end() throws IOException {
    dns.put("a.test", RecordType.CNAME, TTL, "b.test");
    dns.put("b.test", RecordType.CNAME, TTL, "a.test");

    assertThat(ask(udp(), "a.test.", Type.A).getSection(Section.ANSWER)).isNotEmpty();
  }

  @Test
  void bigAnswer_isTruncatedByUdp_andWholeByTcp() throws Exception {
    String[] addresses = addresses(100);
    dns.put("many.test", RecordType.A, TTL, addresses);

    SimpleResolver udp = udp();
    udp.setIgnoreTruncation(true);
    Message truncated = ask(udp, "many.test.", Type.A);
    SimpleResolver tcp = udp();
    tcp.setTCP(true);

    assertThat(truncated.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(truncated.numBytes()).isLessThanOrEqualTo(1232);
    assertThat(ask(tcp, "many.test.", Type.A).getSection(Section.ANSWER)).hasSize(100);
    // The JDK's client turns to TCP by itself.
    assertThat(lookup("many.test", "A")).containsExactlyInAnyOrder(addresses);
    assertThat(dns.queries("many.test", RecordType.A)).isEqualTo(4);
  }

  @Test
  void answerByUdp_isAsLongAsTheClientOffers() throws IOException {
    dns.put("some.test", RecordType.A, TTL, addresses(40)); // 40 * 16 bytes and a header

    SimpleResolver plain = udp();
    plain.setIgnoreTruncation(true);
    plain.setEDNS(-1);

    assertThat(ask(plain, "some.test.", Type.A).getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(ask(udp(), "some.test.", Type.A).getSection(Section.ANSWER)).hasSize(40);
    assertThat(dns.queries("some.test", RecordType.A)).isEqualTo(2);
  }

  @Test
  void silence_isATimeout_untilRestore() throws IOException {
    dns.silence();
    SimpleResolver impatient = udp();
    impatient.setTimeout(Duration.ofMillis(200));
    assertThatThrownBy(() -> ask(impatient, "silent.test.", Type.A))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Timed out");

    dns.restore();

    assertThat(ask(impatient, "silent.test.", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(dns.queries("silent.test", RecordType.A)).isGreaterThanOrEqualTo(2);
  }

  @Test
  void servfail_isSaid_byUdpAndTcp() throws IOException {
    dns.put("orders.test", RecordType.A, TTL, "127.0.0.1");
    dns.servfail();
    SimpleResolver tcp = udp();
    tcp.setTCP(true);

    assertThat(ask(udp(), "orders.test.", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(ask(tcp, "orders.test.", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
  }

  @Test
  void garbage_isNoMessage() {
    dns.garbage();

    assertThatThrownBy(() -> ask(udp(), "orders.test.", Type.A))
        .isInstanceOf(WireParseException.class);
  }

  @Test
  void delay_holdsEachAnswerBack_withOtherFaultsToo() throws IOException {
    dns.delay(Duration.ofMillis(200));
    dns.servfail();

    long start = System.nanoTime();
    assertThat(ask(udp(), "orders.test.", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
  }

  @Test
  void restart_afterKill_hasTheSamePortAndRecords_andNoFaults() throws Exception {
    try (DnsServer own = DnsServer.builder().zone("shop.example").start()) {
      own.put("orders.shop.example", RecordType.A, TTL, "127.0.0.1");
      own.servfail();

      own.kill();
      assertThat(own.isAlive()).isFalse();
      own.restart();

      SimpleResolver resolver = new SimpleResolver(new InetSocketAddress("127.0.0.1", own.port()));
      assertThat(ask(resolver, "orders.shop.example.", Type.A).getSection(Section.ANSWER))
          .hasSize(1);
      own.delay(Duration.ofMillis(1));
      assertThat(ask(resolver, "orders.shop.example.", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
      assertThat(own.queries("orders.shop.example", RecordType.A)).isEqualTo(2);
    }
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(dns.pid())).containsExactly(dns.address(), dns.address());
  }

  @Test
  void badRecords_areNamed_andChangeNothing() throws IOException {
    dns.put("orders.test", RecordType.A, TTL, "127.0.0.1");

    assertBad("orders.example", RecordType.A, TTL, "127.0.0.1")
        .hasMessage("name: orders.example (expected: in test.)");
    assertBad("no name.test", RecordType.A, TTL, "127.0.0.1")
        .hasMessageStartingWith("name: no name.test (");
    assertBad("orders.test", RecordType.A, TTL, "127.0.0.999")
        .hasMessage("value: 127.0.0.999 (expected: an IPv4 address, for instance 127.0.0.1)");
    assertBad("orders.test", RecordType.AAAA, TTL, "::::").hasMessageStartingWith("value: :::: (");
    assertBad("orders.test", RecordType.SRV, TTL, "0 10 70000 a.test")
        .hasMessageContaining("priority weight port target");
    assertBad("orders.test", RecordType.A, Duration.ofMillis(1500), "127.0.0.1")
        .hasMessageContaining("whole seconds");
    assertBad("orders.test", RecordType.A, TTL).hasMessageStartingWith("values: none");
    assertThat(ask(udp(), "orders.test.", Type.ANY).getSection(Section.ANSWER)).hasSize(1);
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> DnsServer.builder().port(dns.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)dns: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertBad(
      String name, RecordType type, Duration ttl, String... values) {
    return assertThatThrownBy(() -> dns.put(name, type, ttl, values))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String[] addresses(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "127.0.0." + i).toArray(String[]::new);
  }

  private static SimpleResolver udp() {
    SimpleResolver resolver = new SimpleResolver(new InetSocketAddress("127.0.0.1", dns.port()));
    resolver.setTimeout(Duration.ofSeconds(10));
    return resolver;
  }

  private static Message ask(SimpleResolver resolver, String name, int type) throws IOException {
    return resolver.send(Message.newQuery(question(name, type)));
  }

  private static Record question(String name, int type) throws IOException {
    return Record.newRecord(Name.fromString(name), type, DClass.IN);
  }

  private static List<String> lookup(String name, String type) throws NamingException {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, "dns://" + dns.address());
    InitialDirContext context = new InitialDirContext(environment);
    try {
      Attribute records = context.getAttributes(name, new String[] {type}).get(type);
      return IntStream.range(0, records.size()).mapToObj(i -> value(records, i)).toList();
    } finally {
      context.close();
    }
  }

  private static String value(Attribute records, int i) {
    try {
      return (String) records.get(i);
    } catch (NamingException e) {
      throw new IllegalStateException(e);
    }
  }
}
