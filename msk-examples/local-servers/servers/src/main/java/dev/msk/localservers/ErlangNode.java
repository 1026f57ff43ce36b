package dev.msk.localservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What RabbitMQ and its command line tools run with: an Erlang that may stand anywhere, folders of their own, and a port mapper that nobody
 * else uses.
 *
 * @param scripts of RabbitMQ, {@code sbin} of an installation
 * @param home its cookie, its data and its settings
 * @param name of the node, without the host
 */
record ErlangNode(Path scripts, Path home, String name, int mapper, int distribution) {

  static ErlangNode in(Path home, Path program, int mapper, int distribution) {
    try {
      Path scripts = program.toRealPath().getParent();
      ErlangNode node =
          new ErlangNode(scripts, home, home.getFileName().toString(), mapper, distribution);
      if (Files.isDirectory(node.erlang())) {
        node.relocate();
      }
      return node;
    } catch (IOException e) {
      throw new LocalServerException("rabbitmq: " + e, e);
    }
  }

  /** Erlang as Debian's packages put it beside RabbitMQ's, unpacked or installed; where it is not, the one on the PATH is used. */
  private Path erlang() {
    return scripts.resolve("../../../../erlang").normalize();
  }

  /** Debian's {@code erl} looks for all else in {@code /usr/lib/erlang}; this one in its own folder. */
  private void relocate() throws IOException {
    Path runtime;
    try (var versions = Files.list(erlang())) {
      runtime = versions
          .filter(folder -> folder.getFileName().toString().startsWith("erts-"))
          .findFirst()
          .orElseThrow(() -> new IOException(erlang() + ": no erts-* (expected: Erlang)"));
    }
    Path script = Files.createDirectories(bin()).resolve("erl");
    Files.writeString(script, """
        #!/bin/sh
        ROOTDIR='%s' BINDIR='%s' EMU=beam PROGNAME=erl
        export ROOTDIR BINDIR EMU PROGNAME
        exec "$BINDIR/erlexec" "$@"
        """.formatted(erlang(), runtime.resolve("bin")));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(bin().resolve("epmd"), runtime.resolve("bin").resolve("epmd"));
  }

  private Path bin() {
    return home.resolve("bin");
  }

  String fullName() {
    return name + "@localhost";
  }

  /** The port mapper, which runs as long as the node does. */
  String[] mapperCommand() {
    Path own = bin().resolve("epmd");
    return new String[] {
      Files.exists(own) ? own.toString() : "epmd",
      "-address",
      "127.0.0.1",
      "-port",
      String.valueOf(mapper)
    };
  }

  Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("HOME", home.toString());
    variables.put("PATH", bin() + ":" + System.getenv("PATH"));
    variables.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    variables.put("ERL_EPMD_PORT", String.valueOf(mapper));
    variables.put("RABBITMQ_NODENAME", fullName());
    variables.put("RABBITMQ_DIST_PORT", String.valueOf(distribution));
    variables.put("RABBITMQ_BASE", home.toString());
    variables.put("RABBITMQ_MNESIA_BASE", home.resolve("data").toString());
    variables.put("RABBITMQ_LOG_BASE", home.resolve("log").toString());
    variables.put("RABBITMQ_LOGS", "-");
    variables.put("RABBITMQ_PID_FILE", home.resolve("pid").toString());
    variables.put("RABBITMQ_CONF_ENV_FILE", home.resolve("none.conf").toString());
    variables.put("RABBITMQ_CONFIG_FILE", home.resolve("rabbitmq.conf").toString());
    variables.put(
        "RABBITMQ_ADVANCED_CONFIG_FILE", home.resolve("advanced.config").toString());
    variables.put("RABBITMQ_ENABLED_PLUGINS_FILE", home.resolve("plugins").toString());
    variables.put("RABBITMQ_GENERATED_CONFIG_DIR", home.resolve("generated").toString());
    variables.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
    variables.put("RABBITMQ_CTL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
    // The script then becomes the node, and what is sent a signal is the broker itself.
    variables.put("RABBITMQ_ALLOW_INPUT", "true");
    variables.put("RABBITMQ_SERVER_START_ARGS", "-noinput");
    return variables;
  }
}
