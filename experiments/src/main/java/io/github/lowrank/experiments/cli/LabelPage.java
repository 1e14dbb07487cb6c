package io.github.lowrank.experiments.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.lowrank.io.Json;
import io.github.lowrank.labelling.Labelling.Question;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Asks on a web page of this computer. The server listens on the loopback interface alone; it
 * refuses requests that name another host, as a page elsewhere could cause by its own DNS, requests
 * from pages of another origin, and whoever does not know the secret in the address.
 */
final class LabelPage implements AutoCloseable {
  private static final String HTML = "label.html";
  private static final String TOKEN = "X-Lowrank-Token";
  private static final int LONGEST = 10_000;

  private final LabelKeys keys;
  private final HttpServer server;
  private final Set<String> hosts;
  private final String token;
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile IOException failure;

  /**
   * Starts the server.
   *
   * @param port 0: one that is free
   */
  LabelPage(LabelKeys keys, int port) throws IOException {
    this.keys = keys;
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    token = HexFormat.of().formatHex(secret);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    int open = server.getAddress().getPort();
    hosts = Set.of("127.0.0.1:" + open, "localhost:" + open, "[::1]:" + open);
    server.createContext("/", this::handle); // one thread: one request after another
    server.start();
  }

  /** Refuses a port that another program has, before texts are encoded for minutes. */
  static void checkFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      socket.setReuseAddress(true);
    } catch (BindException e) {
      throw new IOException(
          "--page %d: expected a free port: %s".formatted(port, e.getMessage()), e);
    }
  }

  /** What the user opens. */
  String address() {
    return "http://127.0.0.1:%d/?token=%s".formatted(server.getAddress().getPort(), token);
  }

  /** Waits until the user quits. */
  void await() throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    server.stop(1);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String host = exchange.getRequestHeaders().getFirst("Host");
      List<String> origins = exchange.getRequestHeaders().getOrDefault("Origin", List.of());
      String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      if (host == null
          || !hosts.contains(host)
          || !origins.stream().allMatch(origin -> origin.equals("http://" + host))) {
        send(exchange, 403, "text/plain", "expected a request from this computer's own page\n");
      } else if (!mayEnter(exchange, request)) {
        send(exchange, 403, "text/plain", "expected the address with the token that was printed\n");
      } else {
        answer(exchange, request);
      }
    } catch (RuntimeException e) {
      failure = new IOException("the page failed: " + e, e);
      end.countDown();
    }
  }

  private boolean mayEnter(HttpExchange exchange, String request) {
    String query = exchange.getRequestURI().getQuery();
    String given =
        request.equals("GET /")
            ? query == null ? null : query.replaceFirst("^token=", "")
            : exchange.getRequestHeaders().getFirst(TOKEN);
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }

  private void answer(HttpExchange exchange, String request) throws IOException {
    switch (request) {
      case "GET /" -> {
        try (InputStream page = LabelPage.class.getResourceAsStream(HTML)) {
          String html = new String(page.readAllBytes(), StandardCharsets.UTF_8);
          send(exchange, 200, "text/html", html.replace("TOKEN", token));
        }
      }
      case "GET /state" -> state(exchange, 200, Optional.empty());
      case "POST /answer" -> press(exchange);
      default -> send(exchange, 404, "text/plain", "there is no " + request + "\n");
    }
  }

  private void press(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST);
    JsonNode said;
    try {
      said = Json.mapper().readTree(body);
    } catch (IOException e) {
      said = null;
    }
    if (said == null || !said.path("number").isInt() || !said.path("key").isTextual()) {
      send(exchange, 400, "text/plain", "expected an object with number and key\n");
      return;
    }
    String key = said.get("key").asText();
    if (key.equals("q")) {
      send(exchange, 200, "application/json", "{\"finished\":true}");
      end.countDown();
    } else if (said.get("number").asInt() != keys.labelling().number()) {
      state(exchange, 409, Optional.of("this question was answered elsewhere"));
    } else {
      try {
        state(exchange, 200, keys.press(key));
      } catch (IOException e) {
        failure = e; // the answer is not on disk
        send(exchange, 500, "text/plain", Cli.message(e) + "\n");
        end.countDown();
      }
    }
  }

  private void state(HttpExchange exchange, int code, Optional<String> problem) throws IOException {
    Map<String, Object> state = new LinkedHashMap<>();
    Optional<Question> question = keys.question();
    question.ifPresent(q -> state.put("question", q));
    state.put("number", keys.labelling().number());
    state.put("progress", keys.labelling().progress());
    state.put("most", keys.most());
    state.put("status", keys.status());
    state.put("warning", keys.warning().orElse(""));
    state.put("problem", problem.orElse(""));
    state.put("classes", keys.labelling().classes());
    send(exchange, code, "application/json", Json.canonical(state));
  }

  private static void send(HttpExchange exchange, int code, String type, String content)
      throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Map.of(
            "Content-Type", type + "; charset=utf-8",
            "Cache-Control", "no-store",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        .forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
