package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClassPathTest {
  private static final String REPOSITORY = "local-servers.repository";

  private final String before = System.getProperty(REPOSITORY);

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(REPOSITORY);
    } else {
      System.setProperty(REPOSITORY, before);
    }
  }

  @Test
  void missingJar_isNamed_withWhatToSay() {
    System.setProperty(REPOSITORY, "/nowhere");

    assertThatThrownBy(RedisServer::start)
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "local-servers-redis: /nowhere/com/github/.*embedded-redis-.*\\.jar is missing "
                + "\\(expected: .* system property local-servers.repository\\)");
  }

  @Test
  void missingKeycloak_isNamed_withHowToGetIt() {
    System.setProperty(REPOSITORY, "/nowhere");

    assertThat(KeycloakServer.missing())
        .hasValueSatisfying(why -> assertThat(why)
            .matches("keycloak: /nowhere/org/keycloak/keycloak-quarkus-dist/.*\\.zip is missing .*")
            .contains("./mvnw -Pheavy verify")
            .containsPattern(
                "-Dartifact=org.keycloak:keycloak-quarkus-dist:\\d+\\.\\d+\\.\\d+:zip\\)$"));
    assertThatThrownBy(KeycloakServer::start)
        .isInstanceOf(LocalServerException.class)
        .hasMessage(KeycloakServer.missing().orElseThrow());
  }

  @Test
  void missingArchives_areNamed_withHowToGetThem() {
    System.setProperty(REPOSITORY, "/nowhere");

    assertThat(ZipkinServer.missing())
        .hasValueSatisfying(why -> assertThat(why)
            .startsWith("zipkin: /nowhere/io/zipkin/zipkin-server/")
            .containsPattern("-Dartifact=io.zipkin:zipkin-server:\\d+\\.\\d+\\.\\d+:jar:exec\\)$"));
    assertThatThrownBy(ZipkinServer::start)
        .isInstanceOf(LocalServerException.class)
        .hasMessage(ZipkinServer.missing().orElseThrow());
    assertThat(ElasticsearchServer.missing())
        .hasValueSatisfying(why -> assertThat(why)
            .startsWith("elasticsearch: /nowhere/org/elasticsearch/distribution/integ-test-zip/")
            .containsPattern("-Dartifact=org.elasticsearch.distribution.integ-test-zip:"
                + "elasticsearch:\\d+\\.\\d+\\.\\d+:zip\\)$"));
    assertThatThrownBy(ElasticsearchServer::start)
        .isInstanceOf(LocalServerException.class)
        .hasMessage(ElasticsearchServer.missing().orElseThrow());
  }

  @Test
  void launcher_thatIsNotBuilt_isNamed() {
    assertThatThrownBy(() -> ClassPath.ofLauncher("local-servers-nothing"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("META-INF/local-servers/local-servers-nothing.classpath")
        .hasMessageContaining("process-classes");
  }

  @Test
  void serversJars_areOnTheLaunchersClassPath_notOnOurs() {
    assertThat(ClassPath.ofLauncher("local-servers-kafka"))
        .anyMatch(jar -> names(jar, "kafka_2.13"));
    assertThat(ClassPath.current()).noneMatch(jar -> names(jar, "kafka_2.13"));
    assertThat(ClassPath.ofLauncher("local-servers-redis")).anyMatch(jar -> names(jar, "embedded"));
    assertThat(ClassPath.current()).noneMatch(jar -> names(jar, "embedded-redis"));
  }

  private static boolean names(Path jar, String start) {
    return jar.getFileName().toString().startsWith(start);
  }
}
