package dev.msk.localservers.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/** The records of one zone. Immutable once parsed. */
final class Records {
  private final Map<Name, List<Record>> byName = new HashMap<>();
  private final Set<Name> branches = new HashSet<>();
  private final SOARecord soa;

  private Records(SOARecord soa) {
    this.soa = soa;
  }

  /** From a master file (RFC 1035, section 5) whose first record is the SOA. */
  static Records parse(byte[] text) throws IOException {
    try (Master master = new Master(new ByteArrayInputStream(text))) {
      if (!(master.nextRecord() instanceof SOARecord soa)) {
        throw new IOException("zone: its first record is no SOA");
      }
      Records records = new Records(soa);
      for (Record record = soa; record != null; record = master.nextRecord()) {
        records.add(record);
      }
      return records;
    }
  }

  private void add(Record record) {
    byName.computeIfAbsent(record.getName(), name -> new ArrayList<>()).add(record);
    for (Name name = record.getName(); covers(name); name = new Name(name, 1)) {
      branches.add(name);
    }
  }

  /** The record of the zone itself. */
  SOARecord soa() {
    return soa;
  }

  /** Whether the name is the zone's, there or not. */
  boolean covers(Name name) {
    return name.subdomain(soa.getName());
  }

  /** Whether the name, or one below it, has records. */
  boolean exists(Name name) {
    return branches.contains(name);
  }

  /** Those of one type, or of all if it is {@link Type#ANY}. */
  List<Record> of(Name name, int type) {
    return byName.getOrDefault(name, List.of()).stream()
        .filter(record -> type == Type.ANY || record.getType() == type)
        .toList();
  }
}
