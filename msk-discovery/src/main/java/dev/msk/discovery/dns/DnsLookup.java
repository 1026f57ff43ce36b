package dev.msk.discovery.dns;

import dev.msk.discovery.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/** From the name of a service to its instances. Thread-safe. */
final class DnsLookup {

  /** Datagrams get lost. */
  private static final int TRIES = 2;

  private final DnsSource.Builder settings;
  private final LookupSession session;

  DnsLookup(DnsSource.Builder settings) {
    this.settings = settings;
    this.session = LookupSession.builder()
        .resolver(resolver(settings))
        .executor(settings.executor)
        .build();
  }

  private static Resolver resolver(DnsSource.Builder settings) {
    ExtendedResolver resolver = settings.servers.isEmpty()
        ? new ExtendedResolver()
        : new ExtendedResolver(
            settings.servers.stream().map(SimpleResolver::new).toArray(Resolver[]::new));
    // Its own timeout only says when no other server is begun with; each server's, which is 5 s,
    // would add up beyond it.
    Resolver[] servers = resolver.getResolvers();
    Duration each = settings.timeout.dividedBy((long) TRIES * servers.length);
    for (Resolver server : servers) {
      server.setTimeout(each);
    }
    resolver.setRetries(TRIES);
    resolver.setTimeout(settings.timeout);
    return resolver;
  }

  /**
   * What DNS said.
   *
   * @param instances all that it named
   * @param ttl the shortest of the records, null if there was none
   */
  record Answer(List<Instance> instances, @Nullable Duration ttl) {

    static final Answer NOBODY = new Answer(List.of(), null);

    Answer and(Answer other) {
      List<Instance> both = new ArrayList<>(instances);
      both.addAll(other.instances);
      return new Answer(both, shorter(ttl, other.ttl));
    }

    Answer within(Duration outer) {
      return new Answer(instances, shorter(ttl, outer));
    }

    /** A target that is named twice, or by two names, is one instance. */
    Answer distinct() {
      Map<String, Instance> byId = new LinkedHashMap<>();
      instances.forEach(instance -> byId.putIfAbsent(instance.id(), instance));
      return new Answer(List.copyOf(byId.values()), ttl);
    }

    private static @Nullable Duration shorter(@Nullable Duration one, @Nullable Duration other) {
      if (one == null || other == null) {
        return one == null ? other : one;
      }
      return one.compareTo(other) < 0 ? one : other;
    }
  }

  CompletionStage<Answer> instances(String service) {
    Name name;
    try {
      name = Name.fromString(settings.nameOf(service), Name.root);
    } catch (TextParseException e) {
      return CompletableFuture.failedStage(new IllegalArgumentException(
          "service: " + service + " (expected: part of a DNS name, " + e.getMessage() + ")", e));
    }
    CompletionStage<Answer> answer = settings.isSrv
        ? records(name, Type.SRV).thenCompose(records -> targets(service, records))
        : addresses(service, name, settings.port, Instance.DEFAULT_WEIGHT);
    return answer.thenApply(Answer::distinct);
  }

  private CompletionStage<Answer> targets(String service, List<Record> records) {
    List<SRVRecord> all = records.stream()
        .map(SRVRecord.class::cast)
        .filter(record -> !record.getTarget().equals(Name.root))
        .toList();
    int first = all.stream().mapToInt(SRVRecord::getPriority).min().orElse(0);
    boolean weightless = all.stream().allMatch(record -> record.getWeight() == 0);
    CompletionStage<Answer> answer = CompletableFuture.completedStage(Answer.NOBODY);
    for (SRVRecord record : all) {
      if (record.getPriority() == first) {
        int weight = weightless
            ? Instance.DEFAULT_WEIGHT
            : Math.max(1, Math.min(Instance.MAX_WEIGHT, record.getWeight()));
        CompletionStage<Answer> target = addresses(
                service, record.getTarget(), record.getPort(), weight)
            .thenApply(found -> found.within(Duration.ofSeconds(record.getTTL())));
        answer = answer.thenCombine(target, Answer::and);
      }
    }
    return answer;
  }

  private CompletionStage<Answer> addresses(String service, Name name, int port, int weight) {
    CompletionStage<List<Record>> v4 = records(name, Type.A);
    CompletionStage<List<Record>> v6 = settings.ipv6
        ? records(name, Type.AAAA)
        : CompletableFuture.completedStage(List.<Record>of());
    return v4.thenCombine(
        v6,
        (some, others) -> Stream.concat(some.stream(), others.stream())
            .map(record -> new Answer(
                List.of(instance(service, address(record), port, weight)),
                Duration.ofSeconds(record.getTTL())))
            .reduce(Answer.NOBODY, Answer::and));
  }

  private Instance instance(String service, InetAddress address, int port, int weight) {
    return Instance.builder(service, address.getHostAddress(), port)
        .weight(weight)
        .tls(settings.tls)
        .build();
  }

  private static InetAddress address(Record record) {
    return record instanceof AAAARecord v6 ? v6.getAddress() : ((ARecord) record).getAddress();
  }

  /** A name that is not there, or has no such record, is an answer too. */
  private CompletionStage<List<Record>> records(Name name, int type) {
    return session
        .lookupAsync(name, type)
        .thenApply(result -> result.getRecords())
        .exceptionally(error -> {
          Throwable cause = error instanceof CompletionException ? error.getCause() : error;
          if (cause instanceof NoSuchDomainException || cause instanceof NoSuchRRSetException) {
            return List.of();
          }
          throw new CompletionException(
              new IOException(name + "/" + Type.string(type) + ": " + reason(cause), cause));
        });
  }

  /** Not all that dnsjava throws says what was asked for, nor in words. */
  private static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "no answer";
    }
    String message = cause.getMessage();
    return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}
