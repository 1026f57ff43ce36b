package dev.msk.observability;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The floors of the house, what stays inside a module, and who may see which client library. */
@AnalyzeClasses(packages = "dev.msk", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseTest {

  @ArchTest
  static final ArchRule core_seesNoBlock = floor("core", List.of());

  @ArchTest
  static final ArchRule messaging_seesCoreOnly = floor("messaging", List.of("core"));

  @ArchTest
  static final ArchRule security_seesCoreOnly = floor("security", List.of("core"));

  @ArchTest
  static final ArchRule discovery_seesCoreOnly = floor("discovery", List.of("core"));

  @ArchTest
  static final ArchRule saga_seesCoreAndMessaging = floor("saga", List.of("core", "messaging"));

  @ArchTest
  static final ArchRule modules_haveNoCycles =
      slices().matching("dev.msk.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule internals_stayInTheirModule = classes()
      .that()
      .resideInAPackage("dev.msk.*.internal..")
      .should(new ArchCondition<>("be used by their own module only") {
        @Override
        public void check(JavaClass internal, ConditionEvents events) {
          internal.getDirectDependenciesToSelf().stream()
              .filter(use -> !module(use.getOriginClass()).equals(module(internal)))
              .forEach(
                  use -> events.add(SimpleConditionEvent.violated(internal, use.getDescription())));
        }
      });

  @ArchTest
  static final ArchRule internals_stayOutOfPublicSignatures = classes()
      .that()
      .arePublic()
      .and()
      .resideOutsideOfPackage("dev.msk.*.internal..")
      .should(new ArchCondition<>("name no internal type in what others can see") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          signature(type)
              .filter(named -> named.getPackageName().matches("dev\\.msk\\.[a-z]+\\.internal.*"))
              .forEach(named -> events.add(SimpleConditionEvent.violated(
                  type, type.getName() + " shows " + named.getName() + " in a signature")));
        }
      });

  @ArchTest
  static final ArchRule kafka_isSeenByAdaptersOnly =
      client("org.apache.kafka..", "dev.msk.*.kafka..");

  @ArchTest
  static final ArchRule vertx_isSeenByItsAdapterOnly = client("io.vertx..", "dev.msk.*.vertx..");

  @ArchTest
  static final ArchRule servlet_isSeenByItsAdapterOnly =
      client("jakarta.servlet..", "dev.msk.*.servlet..");

  @ArchTest
  static final ArchRule spring_isSeenByItsAdapterOnly =
      client("org.springframework..", "dev.msk.core.spring..");

  @ArchTest
  static final ArchRule jakartaTransactions_areSeenByTheirAdapterOnly =
      client("jakarta.transaction..", "dev.msk.core.jakarta..");

  @ArchTest
  static final ArchRule jooq_isSeenByItsAdapterOnly = client("org.jooq..", "dev.msk.core.jooq..");

  @ArchTest
  static final ArchRule junit_isSeenByTestSuitesOnly = client("org.junit..", "dev.msk.*.testing..");

  @ArchTest
  static final ArchRule assertj_isSeenByTestSuitesOnly =
      client("org.assertj..", "dev.msk.*.testing..");

  @ArchTest
  static final ArchRule openTelemetry_isSeenByObservabilityOnly =
      client("io.opentelemetry..", "dev.msk.observability..");

  @ArchTest
  static final ArchRule openTelemetrySdk_isSeenByTailSamplingOnly =
      client("io.opentelemetry.sdk..", "dev.msk.observability.tail..");

  @ArchTest
  static final ArchRule micrometer_isSeenByObservabilityOnly =
      client("io.micrometer..", "dev.msk.observability..");

  @ArchTest
  static final ArchRule prometheus_isSeenByItsAdapterOnly =
      client("io.prometheus..", "dev.msk.observability.prometheus..");

  @ArchTest
  static final ArchRule prometheusRegistry_isSeenByItsAdapterOnly =
      client("io.micrometer.prometheusmetrics..", "dev.msk.observability.prometheus..");

  @ArchTest
  static final ArchRule grpc_isSeenByAdaptersOnly =
      client("io.grpc..", "dev.msk.*.grpc..", "dev.msk.security.spiffe..");

  @ArchTest
  static final ArchRule postgresql_isSeenByJdbcAdaptersOnly =
      client("org.postgresql..", "dev.msk.*.jdbc..");

  @ArchTest
  static final ArchRule zstd_isSeenByItsAdapterOnly =
      client("com.github.luben..", "dev.msk.messaging.zstd..");

  @ArchTest
  static final ArchRule protobuf_isSeenByItsAdapterOnly =
      client("com.google.protobuf..", "dev.msk.messaging.protobuf..");

  @ArchTest
  static final ArchRule nimbus_isSeenInsideSecurityOnly =
      client("com.nimbusds..", "dev.msk.security.internal..");

  @ArchTest
  static final ArchRule logback_isSeenByItsAdapterOnly =
      client("ch.qos.logback..", "dev.msk.observability.logback..");

  @ArchTest
  static final ArchRule yaml_isSeenByItsReaderOnly =
      client("org.snakeyaml..", "dev.msk.observability.internal..");

  @ArchTest
  static final ArchRule histograms_areSeenByTheJudgeOnly =
      client("org.HdrHistogram..", "dev.msk.observability.release..");

  @ArchTest
  static final ArchRule discovery_isSeenByItsAdapterOnly = block("discovery");

  @ArchTest
  static final ArchRule messaging_isSeenByItsAdapterOnly = block("messaging");

  @ArchTest
  static final ArchRule saga_isSeenByItsAdapterOnly = block("saga");

  @ArchTest
  static final ArchRule security_isSeenByItsAdapterOnly = block("security");

  @ArchTest
  static final ArchRule localServers_areSeenByTestsOnly = noClasses()
      .that()
      .resideInAnyPackage(
          "dev.msk.core..",
          "dev.msk.messaging..",
          "dev.msk.security..",
          "dev.msk.discovery..",
          "dev.msk.saga..",
          "dev.msk.observability..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("dev.msk.localservers..");

  private static ArchRule floor(String module, List<String> below) {
    return noClasses()
        .that()
        .resideInAPackage("dev.msk." + module + "..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe("belong to another module than " + below, used -> {
              String other = module(used);
              return !other.isEmpty() && !other.equals(module) && !below.contains(other);
            }))
        .allowEmptyShould(true);
  }

  private static ArchRule block(String name) {
    return noClasses()
        .that()
        .resideInAPackage("dev.msk.observability..")
        .and()
        .resideOutsideOfPackage("dev.msk.observability." + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.msk." + name + "..");
  }

  private static ArchRule client(String library, String... adapters) {
    return noClasses()
        .that()
        .resideInAPackage("dev.msk..")
        .and()
        .resideOutsideOfPackages(adapters)
        .and()
        .resideOutsideOfPackage("dev.msk.localservers..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true);
  }

  private static String module(JavaClass type) {
    String[] words = type.getPackageName().split("\\.", 4);
    return words.length >= 3 && words[0].equals("dev") && words[1].equals("msk") ? words[2] : "";
  }

  private static Stream<JavaClass> signature(JavaClass type) {
    Stream<JavaClass> supertypes =
        Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
    Stream<JavaClass> fields = type.getFields().stream()
        .filter(field -> isSeen(field.getModifiers()))
        .map(JavaField::getRawType);
    Stream<JavaClass> codeUnits = type.getCodeUnits().stream()
        .filter(unit -> isSeen(unit.getModifiers()))
        .flatMap(HouseTest::types);
    return Stream.of(supertypes, fields, codeUnits).flatMap(named -> named);
  }

  private static Stream<JavaClass> types(JavaCodeUnit unit) {
    return Stream.of(
            List.of(unit.getRawReturnType()), unit.getRawParameterTypes(), unit.getExceptionTypes())
        .flatMap(Collection::stream);
  }

  private static boolean isSeen(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }
}
