package dev.msk.localservers.dns;

import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * What an authoritative server answers: RFC 1034, section 4.3.2, without delegations and wildcards; the end of the chain of aliases
 * gives the code (RFC 6604), a name with names below it exists (RFC 8020), and a negative answer has the SOA (RFC 2308).
 */
final class Answer {
  /** What a message by UDP may have with EDNS: what passes everywhere unfragmented (DNS flag day 2020). */
  static final int EDNS_BYTES = 1232;

  private static final int ALIASES = 8;

  private final Message message;
  private final Records zone;

  private Answer(Message message, Records zone) {
    this.message = message;
    this.zone = zone;
  }

  static Message to(Message query, Records zone) {
    Message message = empty(query);
    Record question = query.getQuestion();
    if (query.getHeader().getOpcode() != Opcode.QUERY) {
      message.getHeader().setRcode(Rcode.NOTIMP);
    } else if (question == null || query.getSection(Section.QUESTION).size() != 1) {
      message.getHeader().setRcode(Rcode.FORMERR);
    } else if (question.getDClass() != DClass.IN
        || !zone.covers(question.getName())
        || question.getType() == Type.AXFR
        || question.getType() == Type.IXFR) {
      message.getHeader().setRcode(Rcode.REFUSED);
    } else {
      message.getHeader().setFlag(Flags.AA);
      new Answer(message, zone).fill(question.getName(), question.getType());
    }
    return message;
  }

  /** Id, question and EDNS of the query. */
  static Message empty(Message query) {
    Message message = new Message(query.getHeader().getID());
    message.getHeader().setFlag(Flags.QR);
    message.getHeader().setOpcode(query.getHeader().getOpcode());
    if (query.getHeader().getFlag(Flags.RD)) {
      message.getHeader().setFlag(Flags.RD);
    }
    query.getSection(Section.QUESTION).forEach(asked -> message.addRecord(asked, Section.QUESTION));
    if (query.getOPT() != null) {
      message.addRecord(new OPTRecord(EDNS_BYTES, 0, 0), Section.ADDITIONAL);
    }
    return message;
  }

  private void fill(Name asked, int type) {
    Name name = asked;
    for (int i = 0; i < ALIASES && zone.covers(name); i++) {
      if (add(name, type)) {
        return;
      }
      if (zone.of(name, Type.CNAME).isEmpty()) {
        if (!zone.exists(name)) {
          message.getHeader().setRcode(Rcode.NXDOMAIN);
        }
        message.addRecord(zone.soa(), Section.AUTHORITY);
        return;
      }
      CNAMERecord alias = (CNAMERecord) zone.of(name, Type.CNAME).get(0);
      message.addRecord(alias, Section.ANSWER);
      name = alias.getTarget();
    }
  }

  private boolean add(Name name, int type) {
    for (Record record : zone.of(name, type)) {
      message.addRecord(record, Section.ANSWER);
      if (record instanceof SRVRecord service) {
        addAddresses(service.getTarget());
      }
    }
    return !zone.of(name, type).isEmpty();
  }

  /** RFC 2782: those of the target, so that nobody need ask again. */
  private void addAddresses(Name target) {
    for (int type : new int[] {Type.A, Type.AAAA}) {
      for (Record address : zone.of(target, type)) {
        if (!message.findRecord(address, Section.ADDITIONAL)) {
          message.addRecord(address, Section.ADDITIONAL);
        }
      }
    }
  }
}
