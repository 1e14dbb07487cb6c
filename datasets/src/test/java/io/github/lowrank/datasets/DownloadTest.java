package io.github.lowrank.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Downloads from a server on the loopback interface that misbehaves as it is told. */
@Timeout(60)
class DownloadTest {
  private static final byte[] BYTES = bytes(1);
  private static final int HALF = BYTES.length / 2;
  private static final DataFile FILE = DataFile.file("set/file.bin", sha256(BYTES));

  @TempDir Path folder;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Deque<HttpHandler> script = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final Heard heard = new Heard();
  private Duration timeout = Duration.ofSeconds(20);
  private HttpServer server;
  private URI address;

  private static byte[] bytes(long seed) {
    byte[] bytes = new byte[300_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Heard implements Download.Listener {
    private final List<String> started = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long received;

    @Override
    public void started(long from, OptionalLong size) {
      started.add(from + " of " + (size.isPresent() ? size.getAsLong() : "?"));
    }

    @Override
    public void received(long bytes) {
      received = bytes;
    }

    @Override
    public void note(String line) {
      notes.add(line);
    }
  }

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              "%s range %s if %s"
                  .formatted(
                      exchange.getRequestURI(),
                      exchange.getRequestHeaders().getFirst("Range"),
                      exchange.getRequestHeaders().getFirst("If-Range")));
          try {
            script.remove().handle(exchange);
          } finally {
            exchange.close();
          }
        });
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/file.bin");
  }

  @AfterEach
  void stopServer() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private static HttpHandler status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  private static HttpHandler whole(byte[] bytes, String tag) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private static HttpHandler whole(byte[] bytes) {
    return whole(bytes, "\"one\"");
  }

  /** The first half of the whole file; then the connection breaks. */
  private HttpHandler half(byte[] bytes, String tag) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes, 0, HALF);
      exchange.getResponseBody().flush();
      await(HALF);
    };
  }

  /** Java's client drops what it has received but not read when the connection breaks. */
  private void await(long length) throws IOException {
    Path part = folder.resolve("set/file.bin.part");
    while ((!Files.exists(part) || Files.size(part) < length) && ended.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  /** What follows the asked offset, if it is the version of {@code tag}; else the whole file. */
  private static HttpHandler rest(byte[] bytes, String tag) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      String condition = exchange.getRequestHeaders().getFirst("If-Range");
      if (range == null || (condition != null && !condition.equals(tag))) {
        whole(bytes, tag).handle(exchange);
      } else {
        sendRest(exchange, bytes, Integer.parseInt(range.replaceAll("\\D", "")));
      }
    };
  }

  private static void sendRest(HttpExchange exchange, byte[] bytes, int from) throws IOException {
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    exchange.sendResponseHeaders(206, bytes.length - from);
    exchange.getResponseBody().write(bytes, from, bytes.length - from);
  }

  /** Sends nothing more until the test ends. */
  private HttpHandler hanging(HttpHandler first) {
    return exchange -> {
      first.handle(exchange);
      try {
        ended.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private Path target() {
    return folder.resolve(FILE.path());
  }

  private void download(boolean replace) throws IOException {
    new Download(timeout, Duration.ofMillis(5), replace, heard)
        .get(address, FILE, new DataRoot(folder));
  }

  /** The file is there, and nothing else. */
  private void assertComplete() throws IOException {
    assertThat(target()).hasBinaryContent(BYTES);
    assertThat(names()).containsExactly("file.bin");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(target().getParent())) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** Leaves half of the file behind, as a download that was cut off does. */
  private void leaveHalf(byte[] bytes, String tag) {
    script.add(half(bytes, tag));
    for (int i = 0; i < 3; i++) {
      script.add(status(503));
    }
    assertThatThrownBy(() -> download(false))
        .isInstanceOf(IOException.class)
        .hasMessage(
            address
                + ": HTTP 503 Service Unavailable, after 4 tries; the next download continues after what has come");
    assertThat(target()).doesNotExist();
    requests.clear();
    heard.started.clear();
    heard.notes.clear();
  }

  @Test
  void aFileGetsItsNameWhenItIsComplete() throws IOException {
    List<String> before = new ArrayList<>();
    script.add(
        exchange -> {
          exchange.sendResponseHeaders(200, BYTES.length);
          exchange.getResponseBody().write(BYTES, 0, HALF);
          exchange.getResponseBody().flush();
          while (before.isEmpty() || Files.size(folder.resolve("set/file.bin.part")) < HALF) {
            before.clear();
            before.addAll(names());
          }
          exchange.getResponseBody().write(BYTES, HALF, HALF);
        });
    download(false);
    assertThat(before).containsExactly("file.bin.part");
    assertComplete();
    assertThat(heard.started).containsExactly("0 of 300000");
    assertThat(heard.received).isEqualTo(BYTES.length);
    assertThat(heard.notes).isEmpty();
  }

  @Test
  void aBrokenConnectionIsContinuedAtOnce() throws IOException {
    script.add(half(BYTES, "\"one\""));
    script.add(rest(BYTES, "\"one\""));
    download(false);
    assertComplete();
    assertThat(requests)
        .containsExactly(
            "/file.bin range null if null", "/file.bin range bytes=150000- if \"one\"");
    assertThat(heard.started).containsExactly("0 of 300000", "150000 of 300000");
    assertThat(heard.notes).hasSize(1).first().asString().contains("broke off after 150,000 bytes");
  }

  @Test
  void theNextDownloadContinues() throws IOException {
    leaveHalf(BYTES, "\"one\"");
    assertThat(folder.resolve("set/file.bin.part")).hasSize(HALF);
    script.add(rest(BYTES, "\"one\""));
    download(false);
    assertComplete();
    assertThat(requests).containsExactly("/file.bin range bytes=150000- if \"one\"");
    assertThat(heard.notes).isEmpty();
  }

  @Test
  void weakTagsArePutIntoNoCondition() throws IOException {
    leaveHalf(BYTES, "W/\"one\"");
    script.add(rest(BYTES, "W/\"one\""));
    download(false);
    assertComplete();
    assertThat(requests).containsExactly("/file.bin range bytes=150000- if null");
  }

  @Test
  void aServerWithoutRangesStartsAnew() throws IOException {
    leaveHalf(BYTES, "\"one\"");
    script.add(whole(BYTES));
    download(false);
    assertComplete();
    assertThat(heard.started).containsExactly("0 of 300000");
    assertThat(heard.notes)
        .containsExactly(address + ": the server sends the whole file; starting anew");
  }

  @Test
  void aChangedFileStartsAnew() throws IOException {
    leaveHalf(bytes(2), "\"old\"");
    script.add(rest(BYTES, "\"new\""));
    download(false);
    assertComplete();
    assertThat(requests).containsExactly("/file.bin range bytes=150000- if \"old\"");
  }

  @Test
  void aChangedFileWithoutTagIsNoticedByItsChecksum() throws IOException {
    leaveHalf(bytes(2), "W/\"old\"");
    script.add(rest(BYTES, "W/\"new\""));
    script.add(whole(BYTES));
    download(false);
    assertComplete();
    assertThat(requests)
        .containsExactly("/file.bin range bytes=150000- if null", "/file.bin range null if null");
    assertThat(heard.notes)
        .containsExactly(address + ": the rest does not fit the bytes of before; starting anew");
  }

  @Test
  void anotherAddressIsGivenNoTagOfTheFirst() throws IOException {
    leaveHalf(BYTES, "\"one\"");
    address = address.resolve("/mirror.bin");
    script.add(rest(BYTES, "\"two\""));
    download(false);
    assertComplete();
    assertThat(requests).containsExactly("/mirror.bin range bytes=150000- if null");
  }

  @Test
  void whatIsHereInFullNeedsNoRequest() throws IOException {
    Files.createDirectories(target().getParent());
    Files.write(folder.resolve("set/file.bin.part"), BYTES);
    download(false);
    assertComplete();
    assertThat(requests).isEmpty();
  }

  @Test
  void aPartLongerThanTheFileStartsAnew() throws IOException {
    Files.createDirectories(target().getParent());
    Files.write(folder.resolve("set/file.bin.part"), new byte[BYTES.length + 1]);
    script.add(status(416, "Content-Range", "bytes */300000"));
    script.add(whole(BYTES));
    download(false);
    assertComplete();
    assertThat(requests)
        .containsExactly("/file.bin range bytes=300001- if null", "/file.bin range null if null");
  }

  @Test
  void anotherRangeThanAskedForStartsAnew() throws IOException {
    leaveHalf(BYTES, "\"one\"");
    script.add(exchange -> sendRest(exchange, BYTES, HALF + 1));
    script.add(whole(BYTES));
    download(false);
    assertComplete();
  }

  @Test
  void aWrongChecksumLeavesNothing() throws IOException {
    byte[] page = "<html>Please log in</html>".getBytes(UTF_8);
    script.add(whole(page));
    assertThatThrownBy(() -> download(false))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "%s: expected SHA-256 %s, found %s in the 26 bytes of %s, which are deleted"
                .formatted(target(), FILE.sha256(), sha256(page), address));
    assertThat(names()).isEmpty();
    assertThat(requests).hasSize(1);
    script.add(whole(BYTES));
    download(false);
    assertComplete();
    assertThat(requests).hasSize(2).last().isEqualTo("/file.bin range null if null");
  }

  @ParameterizedTest
  @CsvSource({"404, HTTP 404 Not Found", "403, HTTP 403 Forbidden", "418, HTTP 418"})
  void refusalIsFinal(int status, String line) {
    script.add(status(status));
    assertThatThrownBy(() -> download(false))
        .isInstanceOf(IOException.class)
        .hasMessage(address + ": " + line);
    assertThat(requests).hasSize(1);
  }

  @Test
  void aBusyServerIsAskedAgain() throws IOException {
    script.add(status(503));
    script.add(status(429, "Retry-After", "1"));
    script.add(whole(BYTES));
    long began = System.nanoTime();
    download(false);
    assertThat(System.nanoTime() - began).isGreaterThan(1_000_000_000L);
    assertComplete();
    assertThat(heard.notes)
        .containsExactly(
            address + ": HTTP 503 Service Unavailable; again in 0 s",
            address + ": HTTP 429 Too Many Requests; again in 1 s");
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    for (int i = 0; i < 5; i++) {
      script.add(status(500));
    }
    assertThatThrownBy(() -> download(false))
        .hasMessage(address + ": HTTP 500 Internal Server Error, after 4 tries");
    assertThat(requests).hasSize(4);
  }

  @Test
  void aServerThatGetsFurtherIsNotGivenUp() throws IOException {
    for (int from = 0; from < 240_000; from += 30_000) {
      int first = from;
      script.add(
          exchange -> {
            exchange
                .getResponseHeaders()
                .set("Content-Range", "bytes %d-299999/300000".formatted(first));
            exchange.sendResponseHeaders(206, BYTES.length - first);
            exchange.getResponseBody().write(BYTES, first, 30_000);
            exchange.getResponseBody().flush();
            await(first + 30_000);
          });
    }
    script.add(rest(BYTES, "\"one\""));
    download(false);
    assertComplete();
    assertThat(requests).hasSize(9);
  }

  @Test
  void aHangingServerIsAskedAgain() throws IOException {
    timeout = Duration.ofSeconds(1);
    script.add(hanging(exchange -> {}));
    script.add(hanging(half(BYTES, "\"one\"")));
    script.add(rest(BYTES, "\"one\""));
    download(false);
    assertComplete();
    assertThat(heard.notes)
        .containsExactly(
            address + ": no answer within 1 s; again in 0 s",
            address + ": no more bytes within 1 s; again in 0 s");
  }

  @Test
  void aBodyThatEndsWithoutItsLastChunkIsContinued() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI good = address;
      address = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/file.bin");
      Future<?> served =
          threads.submit(
              () -> {
                try (Socket connection = socket.accept();
                    OutputStream out = connection.getOutputStream()) {
                  InputStream in = connection.getInputStream();
                  for (String end = ""; !end.endsWith("\r\n\r\n"); ) {
                    end += (char) in.read();
                  }
                  String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                  out.write((head + Integer.toHexString(HALF) + "\r\n").getBytes(UTF_8));
                  out.write(BYTES, 0, HALF);
                  out.write("\r\n".getBytes(UTF_8));
                  out.flush();
                  await(HALF);
                }
                try (Socket connection = socket.accept();
                    OutputStream out = connection.getOutputStream()) {
                  out.write(
                      "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
                          .formatted(good)
                          .getBytes(UTF_8));
                  out.flush();
                  ended.await();
                }
                return null;
              });
      script.add(rest(BYTES, "\"one\""));
      download(false);
      ended.countDown();
      served.get();
    }
    assertComplete();
    assertThat(heard.started).containsExactly("0 of ?", "150000 of 300000");
  }

  @Test
  void redirectsAreFollowedWithTheRange() throws IOException {
    leaveHalf(BYTES, "\"one\"");
    script.add(status(302, "Location", "/elsewhere"));
    script.add(rest(BYTES, "\"one\""));
    download(false);
    assertComplete();
    assertThat(requests).last().isEqualTo("/elsewhere range bytes=150000- if \"one\"");
  }

  @Test
  void redirectsInACircleEnd() {
    for (int i = 0; i < 20; i++) {
      script.add(status(302, "Location", "/file.bin"));
    }
    assertThatThrownBy(() -> download(false))
        .hasMessage(address + ": HTTP 302, a redirect to /file.bin, which is not followed");
    assertThat(requests).hasSizeLessThan(10);
  }

  @Test
  void redirectsToSomethingElseThanHttpAreRefused() {
    script.add(status(302, "Location", "ftp://127.0.0.1/file.bin"));
    assertThatThrownBy(() -> download(false))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(address + ": ");
    assertThat(requests).hasSize(1);
  }

  @Test
  void nobodyListens() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/file.bin");
    }
    assertThatThrownBy(() -> download(false)).hasMessage(address + ": the connection was refused");
    address = URI.create("http://no-such-host.invalid/file.bin");
    assertThatThrownBy(() -> download(false)).hasMessage(address + ": there is no such host");
  }

  @Test
  void anotherFileIsReplacedOnlyOnDemand() throws IOException {
    Files.createDirectories(target().getParent());
    Files.writeString(target(), "precious");
    assertThatThrownBy(() -> download(false)).isInstanceOf(DatasetException.class);
    assertThat(requests).isEmpty();

    script.add(whole(bytes(2)));
    assertThatThrownBy(() -> download(true)).isInstanceOf(DatasetException.class);
    assertThat(target()).hasContent("precious");

    script.add(whole(BYTES));
    download(true);
    assertComplete();
  }

  @Test
  void aFileThatAppearsMeanwhileIsKept() {
    script.add(
        exchange -> {
          Files.writeString(target(), "precious");
          whole(BYTES).handle(exchange);
        });
    assertThatThrownBy(() -> download(false)).isInstanceOf(DatasetException.class);
    assertThat(target()).hasContent("precious");
  }

  @Test
  void copiesFromAFolder(@TempDir Path mirror) throws IOException {
    Download download = new Download(Duration.ofSeconds(1), false, heard);
    DataRoot root = new DataRoot(folder);
    assertThatThrownBy(() -> download.copy(mirror, FILE, root))
        .hasMessage(mirror.resolve(FILE.path()) + " does not exist: expected a file");
    Files.createDirectories(mirror.resolve("set"));
    Files.write(mirror.resolve(FILE.path()), Arrays.copyOf(BYTES, HALF));
    assertThatThrownBy(() -> download.copy(mirror, FILE, root))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("expected SHA-256 " + FILE.sha256());
    assertThat(names()).isEmpty();
    Files.write(mirror.resolve(FILE.path()), BYTES);
    download.copy(mirror, FILE, root);
    assertComplete();
    assertThat(heard.started).last().isEqualTo("0 of 300000");
  }
}
