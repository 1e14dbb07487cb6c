package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.io.FolderLock;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.example.Served;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code datasets get} from a server on the loopback interface, and from a folder. */
@Timeout(120)
class DatasetsGetCommandTest {
  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private Path services;
  private Path data;
  private Path mirror;
  private HttpServer server;
  private String base;
  private volatile boolean slow;

  @BeforeEach
  void start() throws IOException {
    services = folder.resolve("services");
    Path list = services.resolve("META-INF/services/io.github.lowrank.datasets.DatasetSource");
    Files.createDirectories(list.getParent());
    Files.writeString(list, Served.class.getName() + "\n");
    Thread.currentThread()
        .setContextClassLoader(new URLClassLoader(new URL[] {services.toUri().toURL()}, before));
    data = folder.resolve("data");
    mirror = folder.resolve("mirror");
    Served.writeTo(mirror);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve(server);
    base = "http://127.0.0.1:" + server.getAddress().getPort() + "/files";
  }

  @AfterEach
  void stop() {
    Thread.currentThread().setContextClassLoader(before);
    System.clearProperty(Served.ADDRESS);
    threads.shutdownNow();
    server.stop(0);
  }

  private void serve(HttpServer server) {
    server.setExecutor(threads);
    server.createContext(
        "/files/",
        exchange -> {
          try {
            send(exchange);
          } finally {
            exchange.close();
          }
        });
    server.start();
  }

  /** A static web server that knows ranges. */
  private void send(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/files/".length());
    String range = exchange.getRequestHeaders().getFirst("Range");
    requests.add(exchange.getRequestURI() + " " + range);
    if (!Files.isRegularFile(mirror.resolve(path))) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    byte[] bytes = Files.readAllBytes(mirror.resolve(path));
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    exchange.getResponseHeaders().set("ETag", '"' + path + '"');
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
    for (int at = from; at < bytes.length; at += 10_000) {
      exchange.getResponseBody().write(bytes, at, Math.min(10_000, bytes.length - at));
      if (slow) {
        exchange.getResponseBody().flush();
        try {
          TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
          return;
        }
      }
    }
  }

  private Outcome get(String... args) {
    List<String> line = new ArrayList<>(List.of("datasets", "get", "--data", data.toString()));
    line.addAll(Arrays.asList(args));
    return Terminal.run(List.of(), line.toArray(String[]::new));
  }

  /** The command in a process of its own, with its output in the file {@code log}. */
  private Process process(List<String> before, List<String> flags, String... args)
      throws IOException {
    List<String> line = new ArrayList<>(List.of("datasets", "get", "--data", data.toString()));
    line.addAll(Arrays.asList(args));
    List<String> command =
        new ArrayList<>(Terminal.command(Lowrank.class, line.toArray(String[]::new)));
    int path = command.indexOf("-cp") + 1;
    command.set(path, services + File.pathSeparator + command.get(path));
    command.addAll(path - 1, flags);
    command.addAll(0, before);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private int code(Process process) throws Exception {
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(log()).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("served"))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private void assertComplete() throws IOException {
    assertThat(data.resolve("served/1.bin")).hasBinaryContent(Served.bytes(1));
    assertThat(data.resolve("served/2.bin")).hasBinaryContent(Served.bytes(2));
    assertThat(names()).containsExactly("1.bin", "2.bin");
  }

  @Test
  void downloadsFromTheAddressOfTheCatalogue() throws IOException {
    System.setProperty(Served.ADDRESS, base + "/");
    Outcome outcome = get("served");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out().lines())
        .containsExactly(
            "served: noise (licence: CC0 1.0)",
            "  getting  " + data.resolve("served/1.bin"),
            "           from " + base + "/served/1.bin",
            "           1,000,000 bytes",
            "  ok       SHA-256 is the catalogue's",
            "  getting  " + data.resolve("served/2.bin"),
            "           from " + base + "/served/2.bin",
            "           2,000,000 bytes",
            "  ok       SHA-256 is the catalogue's");
    assertComplete();

    requests.clear();
    Outcome again = get("served");
    assertThat(again.code()).isZero();
    assertThat(again.out().lines())
        .containsExactly(
            "served: noise (licence: CC0 1.0)",
            "  here     " + data.resolve("served/1.bin"),
            "  here     " + data.resolve("served/2.bin"));
    assertThat(requests).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"url", "url/", "folder", "file"})
  void takesFilesFromAMirror(String kind) throws IOException {
    System.setProperty(Served.ADDRESS, "http://127.0.0.1:1/");
    String from =
        switch (kind) {
          case "url" -> base;
          case "url/" -> base + "/";
          case "folder" -> mirror.toString();
          default -> mirror.toUri().toString();
        };
    Outcome outcome = get("served", "--from", from);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertComplete();
    assertThat(requests).hasSize(kind.startsWith("url") ? 2 : 0);
  }

  /** From the real files, where they are at hand: what a team's own mirror serves. */
  @Test
  void aWholeDataRootIsServedByAStaticServer() throws IOException {
    Path real = Path.of(System.getProperty("lowrank.data", ""));
    assumeTrue(
        Files.exists(real.resolve("trec/TREC.train.all")), "name the data by -Dlowrank.data=DIR");
    mirror = real;
    Outcome outcome = get("trec", "snips", "banking77", "sgns-300d", "--from", base);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    Outcome verified =
        Terminal.run(
            List.of(),
            ("datasets verify trec snips banking77 sgns-300d --data " + data).split(" "));
    assertThat(verified.code()).as(verified.out()).isZero();
  }

  /** The real addresses through a proxy that is not there; {@code served} needs none. */
  @Test
  void everythingIsWhatHasAnAddress() throws Exception {
    Process process =
        process(
            List.of(),
            List.of(
                "-Dhttps.proxyHost=127.0.0.1",
                "-Dhttps.proxyPort=1",
                "-D" + Served.ADDRESS + "=" + base + "/"),
            "--all");
    assertThat(code(process)).as(log()).isEqualTo(1);
    assertComplete();
    assertThat(log())
        .contains("  skipped  " + data.resolve("vectors/words.300d.txt.gz") + " has no address")
        .doesNotContain("lowrank: sgns-300d", "\tat ");
    assertThat(log().lines().filter(line -> line.startsWith("lowrank: ")))
        .hasSize(6)
        .allMatch(line -> line.matches("lowrank: \\S+: https://\\S+: the connection was refused"));
  }

  @Test
  void anotherFileIsKeptUnlessReplacementIsAskedFor() throws IOException {
    Files.createDirectories(data.resolve("served"));
    Files.writeString(data.resolve("served/1.bin"), "precious");
    Outcome kept = get("served", "--from", base);
    assertThat(kept.code()).isEqualTo(1);
    assertThat(kept.err().lines()).hasSize(1);
    assertThat(kept.err())
        .contains(
            data.resolve("served/1.bin").toString(), "expected SHA-256", "found", "--replace");
    assertThat(data.resolve("served/1.bin")).hasContent("precious");
    assertThat(data.resolve("served/2.bin")).hasBinaryContent(Served.bytes(2));

    Outcome replaced = get("served", "--from", base, "--replace");
    assertThat(replaced.code()).as(replaced.err()).isZero();
    assertComplete();
  }

  @Test
  void failuresAreOneLineEach() throws IOException {
    Files.write(mirror.resolve("served/1.bin"), Served.bytes(2));
    Files.delete(mirror.resolve("served/2.bin"));
    Outcome outcome = get("served", "--from", base);
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines()).hasSize(2);
    assertThat(outcome.err())
        .containsPattern(
            "lowrank: served: .*served/1.bin: expected SHA-256 \\w{64}, found \\w{64} in the 2,000,000 bytes")
        .contains("lowrank: served: " + base + "/served/2.bin: HTTP 404 Not Found");
    assertThat(names()).isEmpty();
  }

  @Test
  void aFileWithoutAddressIsSaidToHaveNone() {
    Outcome named = get("sgns-300d");
    assertThat(named.code()).isEqualTo(1);
    assertThat(named.err().lines())
        .containsExactly(
            "lowrank: sgns-300d: %s has no address: put it there, or name a place that has it with --from"
                .formatted(data.resolve("vectors/words.300d.txt.gz")));
    assertThat(get("wordnet-glosses").code()).isZero();
    Outcome bundled = get("minilm");
    assertThat(bundled.code()).isZero();
    assertThat(bundled.out()).contains("all-minilm-l6-v2.onnx, which Maven fetches");

    System.setProperty(Served.ADDRESS, "the authors' page, ");
    assertThat(get("served").err())
        .contains("1.bin has no address to download from, see the authors' page, served/1.bin:");
    assertThat(data).doesNotExist();
  }

  @Test
  void everythingIsTakenFromAMirror() throws IOException {
    Outcome outcome = get("--all", "--from", mirror.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("lowrank: sgns-300d: " + mirror.resolve("vectors"));
    assertComplete();
    for (DatasetSource source : Catalogue.datasets()) {
      assertThat(outcome.out()).contains(source.name() + ": " + source.description());
    }
    assertThat(outcome.out()).contains("all-minilm-l6-v2.onnx, which Maven fetches");
  }

  @Test
  void aCompleteFolderNeedsNoLock() throws IOException {
    assertThat(get("served", "--from", base).code()).isZero();
    try (FolderLock held = FolderLock.take(data.resolve(".get.lock"), data)) {
      assertThat(get("served", "--from", base).code()).isZero();
      Files.delete(data.resolve("served/2.bin"));
      Outcome outcome = get("served", "--from", base);
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err().lines()).hasSize(1);
      assertThat(outcome.err()).contains(data + " is being written by process");
      assertThat(held).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "srved | there is no data set 'srved' (did you mean served?): expected names among wordnet-glosses, sst2",
        "SST-2 | there is no data set 'SST-2' (did you mean sst2?): expected names",
        "cora | there is no data set 'cora': expected names",
        "served --from ftp://127.0.0.1/x | --from ftp://127.0.0.1/x: expected a folder or an http(s) address",
        "served --from no-such-folder | --from no-such-folder: expected a folder",
        "served --from http://me:secret@127.0.0.1/ | expected http(s)://HOST/PATH",
        "served --from http://127.0.0.1/?a=b | expected http(s)://HOST/PATH",
        "served --from http://127.0.0.1/a^b | expected http(s)://HOST/PATH",
        "served --timeout 0 | --timeout 0: expected at least 1",
        "served --all | expected names or --all, found both",
        "'' | expected names, or --all"
      })
  void badUsageIsExitCode2(String args, String message) {
    Outcome outcome = get(args.isEmpty() ? new String[0] : args.split(" "));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
    assertThat(data).doesNotExist();
  }

  @Test
  void theDataFolderIsNotAFile() throws IOException {
    Files.writeString(data, "x");
    Outcome outcome = get("served", "--from", base);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--data " + data + ": expected a folder, found a file");
  }

  @Test
  void helpNamesIt() {
    Outcome outcome = Terminal.run(List.of(), "datasets", "--help");
    assertThat(outcome.out()).containsPattern("get +Downloads").contains("lowrank datasets get");
    assertThat(Terminal.run(List.of(), "datasets", "get", "--help").out())
        .contains("--from", "--replace", "Examples:");
  }

  private interface Kill {
    void kill(Process process) throws IOException;
  }

  /** Ends a download of the slow server in its midst, and downloads again. */
  private void assertResumes(Kill kill, int code) throws Exception {
    slow = true;
    Process process = process(List.of(), List.of(), "served", "--from", base);
    Path part = data.resolve("served/2.bin.part");
    try {
      while ((!Files.exists(part) || Files.size(part) < 300_000) && process.isAlive()) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(process.isAlive()).as(log()).isTrue();
      kill.kill(process);
      assertThat(code(process)).isEqualTo(code);
    } finally {
      process.destroyForcibly();
    }
    assertThat(names()).containsExactly("1.bin", "2.bin.part", "2.bin.part.version");
    long there = Files.size(part);
    assertThat(there).isBetween(300_000L, 1_999_999L);
    slow = false;
    requests.clear();
    Outcome outcome = get("served", "--from", base);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("2,000,000 bytes, of which %,d are here".formatted(there));
    assertThat(requests).containsExactly("/files/served/2.bin bytes=" + there + "-");
    assertComplete();
  }

  @Test
  void aKilledDownloadIsContinued() throws Exception {
    assertResumes(Process::destroyForcibly, 137);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void ctrlCLeavesWhatHasCome() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "kill -INT $$").start().waitFor() != 0,
        "SIGINT is ignored here, as in a script's background job");
    assertResumes(
        process -> new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).inheritIO().start(),
        130);
    assertThat(log()).doesNotContain("\tat ");
  }

  /** The limit of a process on the size of files stands for a full disk. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFullDiskIsOneLine() throws Exception {
    Process process =
        process(
            List.of("sh", "-c", "ulimit -f 2200; exec \"$@\"", "sh"),
            List.of(),
            "served",
            "--from",
            base);
    assertThat(code(process)).as(log()).isEqualTo(1);
    assertThat(log())
        .containsPattern(
            "lowrank: served: .*/served/2.bin.part: File too large \\(disk .*, [\\d,]+ bytes free\\)")
        .doesNotContain("\tat ");
    Outcome outcome = get("served", "--from", base);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("bytes, of which 1,126,400 are here");
    assertComplete();
  }

  /** The proxy is the test's server: it is asked for a host that does not exist. */
  @Test
  void takesTheProxyOfTheSystemProperties() throws Exception {
    Process process =
        process(
            List.of(),
            List.of(
                "-Dhttp.proxyHost=127.0.0.1",
                "-Dhttp.proxyPort=" + server.getAddress().getPort(),
                "-D" + Served.ADDRESS + "=http://data.invalid/files/"),
            "served");
    assertThat(code(process)).as(log()).isZero();
    assertComplete();
    assertThat(requests)
        .containsExactly(
            "http://data.invalid/files/served/1.bin null",
            "http://data.invalid/files/served/2.bin null");
  }

  @Test
  void readsHttpsButIsNotLedAwayFromIt() throws Exception {
    Path keys = folder.resolve("keys");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-storepass",
                "secret",
                "-keystore",
                keys.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(code(keytool)).as(log()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, "secret".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(context));
    try {
      serve(secure);
      secure.createContext(
          "/away/",
          exchange -> {
            exchange.getResponseHeaders().set("Location", base + "/served/1.bin");
            exchange.sendResponseHeaders(301, -1);
            exchange.close();
          });
      String safe = "https://127.0.0.1:" + secure.getAddress().getPort();
      List<String> trust =
          List.of(
              "-Djavax.net.ssl.trustStore=" + keys, "-Djavax.net.ssl.trustStorePassword=secret");
      Process led = process(List.of(), trust, "served", "--from", safe + "/away");
      assertThat(code(led)).as(log()).isEqualTo(1);
      assertThat(log())
          .contains(
              "lowrank: served: %s/away/served/1.bin: HTTP 301, a redirect to %s/served/1.bin, which is not followed"
                  .formatted(safe, base));
      assertThat(requests).isEmpty();

      Process distrusting = process(List.of(), List.of(), "served", "--from", safe + "/files");
      assertThat(code(distrusting)).isEqualTo(1);
      assertThat(log()).contains("certification path").doesNotContain("\tat ");
      assertThat(requests).isEmpty();

      Process good = process(List.of(), trust, "served", "--from", safe + "/files");
      assertThat(code(good)).as(log()).isZero();
      assertComplete();
    } finally {
      secure.stop(0);
    }
  }

  @Test
  void progressCountsOnATerminalAndIsQuietElsewhere() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    StringWriter out = new StringWriter();
    AtomicLong now = new AtomicLong();
    DownloadProgress terminal =
        new DownloadProgress(
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new PrintWriter(out, true),
            true,
            now::get);
    terminal.started(500_000, OptionalLong.of(2_000_000));
    now.set(1_000_000_000);
    terminal.received(1_000_000);
    terminal.received(1_000_001); // too soon after the last one
    now.set(2_000_000_000);
    terminal.received(2_000_000);
    terminal.close();
    assertThat(out.toString().strip()).isEqualTo("2,000,000 bytes, of which 500,000 are here");
    assertThat(err.toString(StandardCharsets.UTF_8))
        .matches(
            "\r1,000,000 of 2,000,000 bytes, 50 %, 0\\.50 MB/s +"
                + "\r2,000,000 of 2,000,000 bytes, 100 %, 0\\.75 MB/s +\\R");

    err.reset();
    DownloadProgress quiet =
        new DownloadProgress(
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new PrintWriter(out, true),
            false,
            now::get);
    quiet.started(0, OptionalLong.empty());
    now.addAndGet(9_000_000_000L);
    quiet.received(1_000_000);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    now.addAndGet(1_000_000_000);
    quiet.received(2_000_000);
    quiet.close();
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("2,000,000 bytes, 0.20 MB/s");
    assertThat(out.toString()).endsWith("size unknown" + System.lineSeparator());
  }
}
