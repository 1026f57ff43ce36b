package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * W3C Trace Context level 2, rule by rule, seen from outside: what an adapter sends on for what it was sent. Modelled on the
 * recommendation's own test suite, and stricter where that still has the keys of level 1. The table of the rules:
 * {@code docs/trace-context.md}.
 *
 * @see <a href="https://www.w3.org/TR/trace-context-2/">Trace Context level 2</a>
 * @see <a href="https://github.com/w3c/trace-context/tree/main/test">Its test suite</a>
 */
public abstract class TraceContextConformance {

  private static final String TRACE = "12345678901234567890123456789012";
  private static final String PARENT = "1234567890123456";
  private static final String SAMPLED = "00-" + TRACE + "-" + PARENT + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + PARENT + "-00";
  private static final String ALL_KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-*/@";

  /** A header as it stands on the wire. */
  public record Header(String name, String value) {}

  /**
   * Has a request served by the adapter, which makes calls of its own meanwhile.
   *
   * @param request its headers, in their order; a name may occur twice, in any case
   * @param calls how many calls the adapter makes within the request
   * @return what each of these calls has for headers
   */
  protected abstract List<List<Header>> serve(List<Header> request, int calls) throws Exception;

  /** Whether the protocol lets white space around values reach an adapter, or refuses it. */
  protected boolean carriesWhiteSpace() {
    return true;
  }

  // traceparent

  @Test
  void noHeaders_beginATrace() throws Exception {
    assertThat(sent().traceId()).isNotEqualTo("0".repeat(32));
  }

  @Test
  void traceparentAlone_goesOn_withAParentIdOfOurs() throws Exception {
    Sent sent = sent(parent(SAMPLED));

    assertThat(sent.traceId()).isEqualTo(TRACE);
    assertThat(sent.parentId()).isNotEqualTo(PARENT);
    assertThat(sent.members()).isEmpty();
  }

  @Test
  void traceparentTwice_beginsATrace() throws Exception {
    String other = "12345678901234567890123456789011";

    assertThat(sent(parent(SAMPLED.replace(TRACE, other)), parent(SAMPLED)).traceId())
        .isNotIn(TRACE, other);
    assertThat(sent(parent(SAMPLED), parent(SAMPLED)).traceId()).isNotEqualTo(TRACE);
  }

  @Test
  void traceparentByAnotherName_beginsATrace() throws Exception {
    assertBegins(new Header("trace-parent", SAMPLED));
    assertBegins(new Header("trace.parent", SAMPLED));
  }

  @Test
  void traceparentName_isReadInAnyCase() throws Exception {
    for (String name : List.of("TraceParent", "TrAcEpArEnT", "TRACEPARENT")) {
      assertGoesOn(new Header(name, SAMPLED));
    }
  }

  @Test
  void version00_withMoreAtItsEnd_beginsATrace() throws Exception {
    assertBegins(parent(SAMPLED + "."));
    assertBegins(parent(SAMPLED + "-what-the-future-will-be-like"));
  }

  @Test
  void higherVersion_isReadByTheFieldsOfVersion00_andSentAsVersion00() throws Exception {
    String future = SAMPLED.replaceFirst("^00", "cc");

    assertThat(sent(parent(future)).version()).isEqualTo("00");
    assertGoesOn(parent(future));
    assertGoesOn(parent(future + "-what-the-future-will-be-like"));
    assertBegins(parent(future + ".what-the-future-will-be-like"));
    assertBegins(parent(future.substring(0, 54)));
  }

  @Test
  void higherVersion_withoutHexadecimalIds_beginsATrace() throws Exception {
    assertBegins(parent("cc-.2345678901234567890123456789012-" + PARENT + "-01"));
    assertBegins(parent("cc-" + TRACE + "-.234567890123456-01"));
  }

  @Test
  void versionFf_beginsATrace() throws Exception {
    assertBegins(parent(SAMPLED.replaceFirst("^00", "ff")));
  }

  @Test
  void version_ofOtherCharacters_beginsATrace() throws Exception {
    assertBegins(parent(SAMPLED.replaceFirst("^00", ".0")));
    assertBegins(parent(SAMPLED.replaceFirst("^00", "0.")));
  }

  @Test
  void version_tooLongOrTooShort_beginsATrace() throws Exception {
    assertBegins(parent("0" + SAMPLED));
    assertBegins(parent("00" + SAMPLED));
    assertBegins(parent(SAMPLED.substring(1)));
  }

  @Test
  void traceId_ofZeros_beginsATrace() throws Exception {
    String zeros = "0".repeat(32);

    assertThat(sent(parent(SAMPLED.replace(TRACE, zeros))).traceId()).isNotEqualTo(zeros);
  }

  @Test
  void traceId_ofOtherCharacters_beginsATrace() throws Exception {
    assertBegins(parent("00-.2345678901234567890123456789012-" + PARENT + "-01"));
    assertBegins(parent("00-1234567890123456789012345678901.-" + PARENT + "-01"));
  }

  @Test
  void traceId_tooLongOrTooShort_beginsATrace() throws Exception {
    assertThat(sent(parent(SAMPLED.replace(TRACE, TRACE + "3"))).traceId())
        .isNotIn(TRACE, TRACE.substring(1) + "3");
    assertBegins(parent(SAMPLED.replace(TRACE, TRACE.substring(1))));
  }

  @Test
  void parentId_ofZeros_beginsATrace() throws Exception {
    assertBegins(parent("00-" + TRACE + "-" + "0".repeat(16) + "-01"));
  }

  @Test
  void parentId_ofOtherCharacters_beginsATrace() throws Exception {
    assertBegins(parent("00-" + TRACE + "-.234567890123456-01"));
    assertBegins(parent("00-" + TRACE + "-123456789012345.-01"));
  }

  @Test
  void parentId_tooLongOrTooShort_beginsATrace() throws Exception {
    assertBegins(parent("00-" + TRACE + "-" + PARENT + "7-01"));
    assertBegins(parent("00-" + TRACE + "-" + PARENT.substring(1) + "-01"));
  }

  @Test
  void flags_ofOtherCharacters_beginATrace() throws Exception {
    assertBegins(parent("00-" + TRACE + "-" + PARENT + "-.0"));
    assertBegins(parent("00-" + TRACE + "-" + PARENT + "-0."));
  }

  @Test
  void flags_tooLongOrTooShort_beginATrace() throws Exception {
    assertBegins(parent("00-" + TRACE + "-" + PARENT + "-001"));
    assertBegins(parent("00-" + TRACE + "-" + PARENT + "-1"));
  }

  @Test
  void upperCaseHexadecimals_beginATrace() throws Exception {
    String id = "abcdef01234567890123456789012345";

    for (String upper : List.of(
        "00-" + id.toUpperCase(Locale.ROOT) + "-" + PARENT + "-01",
        "00-" + id + "-ABCDEF0123456789-01",
        "00-" + id + "-" + PARENT + "-0A",
        "CC-" + id + "-" + PARENT + "-01")) {
      assertThat(sent(parent(upper)).traceId().toLowerCase(Locale.ROOT))
          .as(upper)
          .isNotEqualTo(id);
    }
    assertThat(sent(parent("00-" + id + "-" + PARENT + "-01")).traceId()).isEqualTo(id);
  }

  @Test
  void traceparent_betweenWhiteSpace_goesOn() throws Exception {
    assumeTrue(carriesWhiteSpace(), "the protocol refuses white space");

    for (String spaced : List.of(
        " " + SAMPLED, "\t" + SAMPLED, SAMPLED + " ", SAMPLED + "\t", "\t " + SAMPLED + " \t")) {
      assertGoesOn(parent(spaced));
    }
  }

  @Test
  void sampledFlag_isRespected() throws Exception {
    assertThat(sent(parent(SAMPLED)).flags() & 1).isEqualTo(1);
    assertThat(sent(parent(NOT_SAMPLED)).flags() & 1).isZero();
  }

  @Test
  void randomFlag_goesOnAsItCame() throws Exception {
    assertThat(sent(parent(SAMPLED.replaceFirst("01$", "03"))).flags()).isEqualTo(3);
    assertThat(sent(parent(SAMPLED.replaceFirst("01$", "02"))).flags()).isEqualTo(2);
    assertThat(sent(parent(SAMPLED)).flags()).isEqualTo(1);
    assertThat(sent(parent(NOT_SAMPLED)).flags()).isZero();
  }

  @Test
  void randomFlag_isSet_onATraceThatBeginsHere() throws Exception {
    assertThat(sent().flags() & 2).isEqualTo(2);
  }

  @Test
  void otherFlags_areZero() throws Exception {
    assertThat(sent(parent(SAMPLED.replaceFirst("01$", "ff"))).flags()).isEqualTo(3);
    assertThat(sent(parent(SAMPLED.replaceFirst("01$", "08"))).flags()).isZero();
    assertThat(sent(parent("cc" + SAMPLED.substring(2, 53) + "fd")).flags()).isEqualTo(1);
  }

  // tracestate

  @Test
  void tracestateWithoutTraceparent_isDropped() throws Exception {
    assertThat(sent(state("foo=1,bar=2")).members()).isEmpty();
  }

  @Test
  void tracestateOfAVoidTraceparent_isDropped() throws Exception {
    assertThat(sent(parent(SAMPLED + "."), state("foo=1")).members()).isEmpty();
    assertThat(sent(parent(SAMPLED), parent(SAMPLED), state("foo=1")).members()).isEmpty();
  }

  @Test
  void tracestate_goesOn() throws Exception {
    assertThat(members("foo=1,bar=2"))
        .containsExactly(Map.entry("foo", "1"), Map.entry("bar", "2"));
  }

  @Test
  void tracestateOfAHigherVersion_goesOn() throws Exception {
    assertThat(
            sent(parent("cc" + SAMPLED.substring(2) + "-more"), state("foo=1")).members())
        .containsExactly(Map.entry("foo", "1"));
  }

  @Test
  void tracestateByAnotherName_isDropped() throws Exception {
    assertThat(sent(parent(NOT_SAMPLED), new Header("trace-state", "foo=1")).members())
        .isEmpty();
    assertThat(sent(parent(NOT_SAMPLED), new Header("trace.state", "foo=1")).members())
        .isEmpty();
  }

  @Test
  void tracestateName_isReadInAnyCase() throws Exception {
    for (String name : List.of("TraceState", "TrAcEsTaTe", "TRACESTATE")) {
      assertThat(sent(parent(NOT_SAMPLED), new Header(name, "foo=1")).members())
          .containsExactly(Map.entry("foo", "1"));
    }
  }

  @Test
  void emptyTracestate_isTaken_andNotSent() throws Exception {
    Sent sent = sent(parent(NOT_SAMPLED), state(""));

    assertThat(sent.traceId()).isEqualTo(TRACE);
    assertThat(sent.states()).isEmpty();
    assertThat(members("foo=1", "")).containsExactly(Map.entry("foo", "1"));
    assertThat(members("", "foo=1")).containsExactly(Map.entry("foo", "1"));
  }

  @Test
  void emptyMembers_areTaken_andNotSent() throws Exception {
    assertThat(sent(parent(SAMPLED), state(",foo=1,,bar=2,")).states())
        .containsExactly("foo=1,bar=2");
    assertThat(sent(parent(SAMPLED), state("foo=1, ,bar=2")).states())
        .containsExactly("foo=1,bar=2");
  }

  @Test
  void severalTracestates_areOneList_inTheirOrder() throws Exception {
    assertThat(members("foo=1,bar=2", "rojo=1,congo=2", "baz=3").keySet())
        .containsExactly("foo", "bar", "rojo", "congo", "baz");
    assertThat(sent(parent(SAMPLED), state("foo=1"), state("bar=2")).states())
        .containsExactly("foo=1,bar=2");
  }

  @Test
  void keyThatOccursTwice_isSentOnce_asItStandsFirst() throws Exception {
    assertThat(members("foo=1,foo=1")).containsExactly(Map.entry("foo", "1"));
    assertThat(members("foo=1,bar=2,foo=2"))
        .containsExactly(Map.entry("foo", "1"), Map.entry("bar", "2"));
    assertThat(members("foo=1", "foo=2")).containsExactly(Map.entry("foo", "1"));
  }

  @Test
  void allAllowedCharacters_goOn() throws Exception {
    String value = IntStream.rangeClosed(' ', '~')
        .filter(c -> c != ',' && c != '=')
        .mapToObj(Character::toString)
        .collect(Collectors.joining());

    assertThat(members(ALL_KEY_CHARACTERS + "=" + value))
        .containsExactly(Map.entry(ALL_KEY_CHARACTERS, value));
  }

  @Test
  void membersBetweenWhiteSpace_goOn() throws Exception {
    assumeTrue(carriesWhiteSpace(), "the protocol refuses white space");

    for (String spaced :
        List.of("foo=1 \t , \t bar=2, \t baz=3", "foo=1\t \t,\t \tbar=2,\t \tbaz=3")) {
      assertThat(members(spaced))
          .containsExactly(Map.entry("foo", "1"), Map.entry("bar", "2"), Map.entry("baz", "3"));
    }
    for (String spaced : List.of(" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t")) {
      assertThat(members(spaced)).containsExactly(Map.entry("foo", "1"));
    }
  }

  @Test
  void keyOfOtherCharacters_makesTheTracestateVoid() throws Exception {
    for (String key : List.of("foo ", "FOO", "foo.bar", "fo\u007fo", "foo;", "")) {
      assertThat(members("bar=2," + key + "=1")).as("[%s]", key).isEmpty();
    }
  }

  @Test
  void keyWithAtSigns_goesOn() throws Exception {
    for (String key : List.of("foo@", "foo@@bar", "foo@bar@baz", "tenant@system", "0@")) {
      assertThat(members(key + "=1,bar=2"))
          .containsExactly(Map.entry(key, "1"), Map.entry("bar", "2"));
    }
  }

  @Test
  void keyThatBeginsWithAnotherCharacter_makesTheTracestateVoid() throws Exception {
    for (String key : List.of("@foo", "_foo", "-foo", "*foo", "/foo")) {
      assertThat(members(key + "=1,bar=2")).as(key).isEmpty();
    }
  }

  @Test
  void keyThatBeginsWithADigit_goesOn_inItsPlace() throws Exception {
    assertThat(sent(parent(SAMPLED), state("foo=1,0bar=2,baz=3")).states())
        .containsExactly("foo=1,0bar=2,baz=3");
  }

  @Test
  void keyOf256Characters_goesOn_andOneOf257MakesTheTracestateVoid() throws Exception {
    for (String key : List.of("z".repeat(256), "t".repeat(242) + "@v", "t@" + "v".repeat(15))) {
      assertThat(members("foo=1", key + "=1").keySet()).containsExactly("foo", key);
    }
    assertThat(members("foo=1", "z".repeat(257) + "=1")).isEmpty();
  }

  @Test
  void valueOf256Characters_goesOn_andOneOf257MakesTheTracestateVoid() throws Exception {
    assertThat(members("foo=" + "v".repeat(256)).get("foo")).hasSize(256);
    assertThat(members("bar=1,foo=" + "v".repeat(257))).isEmpty();
  }

  @Test
  void valueOfOtherCharacters_makesTheTracestateVoid() throws Exception {
    for (String member : List.of("foo=bar=baz", "foo=", "foo", "=1")) {
      assertThat(members(member + ",bar=3")).as(member).isEmpty();
    }
  }

  @Test
  void spacesThatAValueBeginsWith_goOn() throws Exception {
    assertThat(members("foo=  1,bar=2")).containsEntry("foo", "  1");
  }

  @Test
  void thirtyTwoMembers_goOn_andOneMoreMakesTheTracestateVoid() throws Exception {
    String thirtyTwo = list(1, 32);

    assertThat(sent(parent(SAMPLED), state(list(1, 20)), state(list(21, 32))).states())
        .containsExactly(thirtyTwo);
    assertThat(members(thirtyTwo, "bar33=33")).isEmpty();
  }

  @Test
  void fiveHundredCharacters_goOn() throws Exception {
    String long512 = "a=" + "v".repeat(250) + ",b=" + "v".repeat(256);

    assertThat(long512).hasSize(511);
    assertThat(sent(parent(SAMPLED), state(long512)).states()).containsExactly(long512);
  }

  @Test
  void voidTracestate_leavesTheTraceparent() throws Exception {
    assertThat(sent(parent(SAMPLED), state("FOO=1")).traceId()).isEqualTo(TRACE);
  }

  // several calls

  @Test
  void callsWithinARequest_haveItsTrace_andParentIdsOfTheirOwn() throws Exception {
    List<Sent> sent = sent(3, parent(SAMPLED), state("foo=1"));

    assertThat(sent).extracting(Sent::traceId).containsOnly(TRACE);
    assertThat(sent).extracting(Sent::parentId).doesNotHaveDuplicates().doesNotContain(PARENT);
    assertThat(sent).extracting(Sent::states).containsOnly(List.of("foo=1"));
  }

  @Test
  void callsWithinARequestWithoutTrace_shareANewOne() throws Exception {
    List<Sent> sent = sent(3);

    assertThat(Set.copyOf(sent.stream().map(Sent::traceId).toList())).hasSize(1);
    assertThat(sent).extracting(Sent::parentId).doesNotHaveDuplicates();
  }

  @Test
  void callsWithinARequestOfAVoidTrace_shareANewOne() throws Exception {
    List<Sent> sent = sent(3, parent("00-" + "0".repeat(32) + "-" + PARENT + "-01"));

    assertThat(Set.copyOf(sent.stream().map(Sent::traceId).toList()))
        .hasSize(1)
        .doesNotContain("0".repeat(32));
    assertThat(sent).extracting(Sent::parentId).doesNotHaveDuplicates();
  }

  private void assertGoesOn(Header traceparent) throws Exception {
    assertThat(sent(traceparent).traceId()).as(traceparent.toString()).isEqualTo(TRACE);
  }

  private void assertBegins(Header traceparent) throws Exception {
    assertThat(sent(traceparent).traceId()).as(traceparent.toString()).isNotEqualTo(TRACE);
  }

  private Map<String, String> members(String... states) throws Exception {
    List<Header> request = new ArrayList<>(List.of(parent(NOT_SAMPLED)));
    Arrays.stream(states).map(TraceContextConformance::state).forEach(request::add);
    Sent sent = Sent.of(serve(request, 1).get(0));
    assertThat(sent.traceId()).isEqualTo(TRACE);
    return sent.members();
  }

  private Sent sent(Header... request) throws Exception {
    return sent(1, request).get(0);
  }

  private List<Sent> sent(int calls, Header... request) throws Exception {
    List<Sent> sent = serve(List.of(request), calls).stream().map(Sent::of).toList();
    assertThat(sent).hasSize(calls);
    return sent;
  }

  private static String list(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> "bar%02d=%02d".formatted(i, i))
        .collect(Collectors.joining(","));
  }

  private static Header parent(String value) {
    return new Header("traceparent", value);
  }

  private static Header state(String value) {
    return new Header("tracestate", value);
  }

  /** What one call carried; every traceparent that we send has the form of version 00, and stands alone. */
  private record Sent(
      String version, String traceId, String parentId, int flags, List<String> states) {

    private static final Pattern FORM =
        Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    static Sent of(List<Header> headers) {
      List<String> parents = values(headers, "traceparent");
      assertThat(parents).hasSize(1);
      Matcher parent = FORM.matcher(parents.get(0));
      assertThat(parent.matches()).as(parents.get(0)).isTrue();
      return new Sent(
          parent.group(1),
          parent.group(2),
          parent.group(3),
          Integer.parseInt(parent.group(4), 16),
          values(headers, "tracestate"));
    }

    /** The list of all headers; a key that occurs twice in it fails. */
    Map<String, String> members() {
      Map<String, String> members = new LinkedHashMap<>();
      for (String member :
          states.isEmpty() ? new String[0] : String.join(",", states).split(",", -1)) {
        int equals = member.indexOf('=');
        String earlier = members.put(member.substring(0, equals), member.substring(equals + 1));
        assertThat(earlier).as("two of " + member).isNull();
      }
      return members;
    }

    private static List<String> values(List<Header> headers, String name) {
      return headers.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .toList();
    }
  }
}
