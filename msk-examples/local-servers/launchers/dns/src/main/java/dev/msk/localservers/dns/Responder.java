package dev.msk.localservers.dns;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** From the bytes of a query to those of its answer, or to what the faults make of it. Thread-safe. */
final class Responder {
  /** Without EDNS: RFC 1035, section 4.2.1. */
  private static final int UDP_BYTES = 512;

  private static final int NOISE = 40;

  private final ZoneFile zone;
  private final Faults faults;
  private final ScheduledExecutorService delayed = Executors.newSingleThreadScheduledExecutor();

  Responder(ZoneFile zone, Faults faults) {
    this.zone = zone;
    this.faults = faults;
  }

  /** Takes an answer to whoever asked. */
  interface Reply {
    void send(byte[] answer) throws IOException;
  }

  /** Answers now, later or not at all. */
  void respond(String transport, byte[] wire, Reply reply) throws IOException {
    if (wire.length < Header.LENGTH || new Header(wire).getFlag(Flags.QR)) {
      return;
    }
    Faults.Fault fault = faults.current();
    byte[] answer = answer(transport, wire, fault.kind());
    if (answer.length == 0) {
      return;
    }
    if (fault.delayMillis() == 0) {
      reply.send(answer);
    } else {
      delayed.schedule(() -> sendLate(answer, reply), fault.delayMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void sendLate(byte[] answer, Reply reply) {
    try {
      reply.send(answer);
    } catch (IOException e) {
      System.out.println("late answer: " + e);
    }
  }

  private byte[] answer(String transport, byte[] wire, Faults.Kind fault) throws IOException {
    Message query;
    try {
      query = new Message(wire);
    } catch (IOException | RuntimeException e) {
      // What dnsjava throws where a field makes no sense is not always checked.
      return wire(error(new Message(new Header(wire).getID()), Rcode.FORMERR));
    }
    Record question = query.getQuestion();
    if (question != null) {
      // Read by the parent, which counts queries.
      System.out.println("query " + transport + " "
          + question.getName().toString().toLowerCase(Locale.ROOT) + " "
          + Type.string(question.getType()));
    }
    return switch (fault) {
      case NONE -> answer(query).toWire(limit(transport, query));
      case SERVFAIL -> wire(error(query, Rcode.SERVFAIL));
      case GARBAGE -> garbage(wire);
      case SILENCE -> new byte[0];
    };
  }

  private Message answer(Message query) {
    try {
      return Answer.to(query, zone.records());
    } catch (IOException e) {
      e.printStackTrace();
      return error(query, Rcode.SERVFAIL);
    }
  }

  private static int limit(String transport, Message query) {
    if (transport.equals("tcp")) {
      return Message.MAXLENGTH;
    }
    OPTRecord edns = query.getOPT();
    return edns == null
        ? UDP_BYTES
        : Math.max(UDP_BYTES, Math.min(Answer.EDNS_BYTES, edns.getPayloadSize()));
  }

  private static byte[] wire(Message small) {
    return small.toWire(UDP_BYTES);
  }

  private static Message error(Message query, int rcode) {
    Message answer = Answer.empty(query);
    answer.getHeader().setRcode(rcode);
    return answer;
  }

  /**
   * The id of the query and the flags of a whole response, so that its sender takes it for the answer, and then bytes that are no
   * message: thousands of records, and a name that points behind its end.
   */
  private static byte[] garbage(byte[] wire) {
    byte[] noise = Arrays.copyOf(wire, NOISE);
    Arrays.fill(noise, 2, NOISE, (byte) 0xFF);
    noise[2] = (byte) 0x80;
    noise[3] = 0;
    return noise;
  }
}
