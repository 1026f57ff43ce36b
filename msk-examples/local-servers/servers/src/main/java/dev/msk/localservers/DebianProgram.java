package dev.msk.localservers;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A program that no Maven artifact carries, and the package of Debian that does.
 *
 * <p>Packages are unpacked, not installed: what is installed would be started at once, on its standard port, for everybody.
 */
enum DebianProgram {
  /** MPL-2.0. */
  CONSUL("bullseye", "consul", "15 MB", "consul"),
  /** Apache-2.0, as the two below. */
  PROMETHEUS("bookworm", "prometheus", "19 MB", "prometheus"),
  /** Of the same package. */
  PROMTOOL("bookworm", "prometheus", "19 MB", "promtool"),
  /** Debian calls it otherwise than its makers do. */
  ALERTMANAGER(
      "bookworm", "prometheus-alertmanager", "11 MB", "prometheus-alertmanager", "alertmanager"),
  /** Apache-2.0. */
  VICTORIA_METRICS("bookworm", "victoria-metrics", "5 MB", "victoria-metrics"),
  /** MPL-2.0, on Erlang, Apache-2.0. What Debian puts on the PATH is a wrapper that wants its own user and folders. */
  RABBITMQ(
      "bookworm",
      "rabbitmq-server erlang-asn1 erlang-base erlang-crypto erlang-eldap erlang-ftp erlang-inets erlang-mnesia erlang-os-mon"
          + " erlang-parsetools erlang-public-key erlang-runtime-tools erlang-snmp erlang-ssl erlang-syntax-tools"
          + " erlang-tftp erlang-tools erlang-xmerl",
      "35 MB",
      "rabbitmq-server") {
    @Override
    Path folder() {
      return Path.of("usr", "lib", "rabbitmq", "lib", "rabbitmq_server-3.10.8", "sbin");
    }

    @Override
    boolean isOnPath() {
      return false;
    }
  };

  private final String suite;
  private final String packages;
  private final String size;
  private final List<String> files;

  DebianProgram(String suite, String packages, String size, String... files) {
    this.suite = suite;
    this.packages = packages;
    this.size = size;
    this.files = List.of(files);
  }

  /** What it is called in messages and, with {@code msk} before it, in settings. */
  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The system property that names it. */
  String property() {
    return "msk." + title();
  }

  /** The variable that names it. */
  String variable() {
    return "MSK_" + name();
  }

  /** What its file may be called, the likelier name first. */
  List<String> files() {
    return files;
  }

  /** Where it is below the root of a system, or of an unpacked package. */
  Path folder() {
    return Path.of("usr", "bin");
  }

  /** Whether what the PATH has by that name is the program. */
  boolean isOnPath() {
    return true;
  }

  /** Where {@code .ci/debian-package} unpacks its packages, below the home of a user. */
  Path cache() {
    return Path.of(".cache", "msk", "local-servers", packages.split(" ", 2)[0]);
  }

  /** How to get it. */
  String advice() {
    return size + "; get it by .ci/debian-package " + suite + " " + packages + " ~/" + cache()
        + ", which installs nothing, or name another by -D" + property() + "=<path>";
  }

  /** Where to look for it here. */
  ProgramSearch search() {
    return ProgramSearch.onThisMachine(this);
  }
}
