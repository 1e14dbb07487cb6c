package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.io.Json;
import io.github.lowrank.labelling.Answer;
import io.github.lowrank.labelling.AnswerLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser meets it, and as somebody else's page would. */
@Timeout(120)
class LabelPageTest {
  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private LabelFixture files;
  private Process command;
  private URI address;
  private String token;

  @BeforeEach
  void start() throws IOException {
    files = new LabelFixture(folder);
    command =
        new ProcessBuilder(Terminal.command(Lowrank.class, files.command("--page")))
            .redirectError(folder.resolve("err").toFile())
            .start();
    BufferedReader out = command.inputReader();
    String line = out.readLine();
    while (line != null && !line.startsWith("open ")) {
      line = out.readLine();
    }
    assertThat(line).as(Files.readString(folder.resolve("err"))).isNotNull();
    address = URI.create(line.substring(5));
    token = address.getQuery().substring(6);
  }

  @AfterEach
  void stop() {
    command.destroyForcibly();
  }

  private List<Answer> log() throws IOException {
    return AnswerLog.read(files.out().resolve("answers.jsonl"));
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(address.resolve(path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder press(int number, String key) {
    return to("/answer")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"number\":%d,\"key\":\"%s\"}".formatted(number, key)));
  }

  /** A request with any host, which Java's client does not allow; the status line. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .findFirst()
          .orElse("");
    }
  }

  @Test
  void answersWithTheTokenAreInTheLogBeforeTheNextQuestion() throws Exception {
    HttpResponse<String> state = send(to("/state").header("X-Lowrank-Token", token));
    JsonNode before = Json.mapper().readTree(state.body());
    assertThat(before.at("/question/choices/0").asText()).isEqualTo("animal");
    JsonNode after =
        Json.mapper().readTree(send(press(0, "2").header("X-Lowrank-Token", token)).body());
    assertThat(log()).hasSize(1);
    assertThat(log().get(0).text()).isEqualTo(before.at("/question/text").asText());
    assertThat(after.get("number").asInt()).isEqualTo(1);
    assertThat(after.at("/question/text")).isNotEqualTo(before.at("/question/text"));

    HttpResponse<String> late = send(press(0, "1").header("X-Lowrank-Token", token));
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(log()).hasSize(1);
    assertThat(send(press(1, "q").header("X-Lowrank-Token", token)).statusCode()).isEqualTo(200);
    assertThat(command.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(command.exitValue()).isZero();
    assertThat(files.out().resolve("labels.csv")).exists();
  }

  @Test
  void refusesWhoDoesNotKnowTheToken() throws Exception {
    assertThat(send(press(0, "1")).statusCode()).isEqualTo(403);
    assertThat(send(press(0, "1").header("X-Lowrank-Token", "0".repeat(32))).statusCode())
        .isEqualTo(403);
    assertThat(send(to("/state")).statusCode()).isEqualTo(403);
    assertThat(send(to("/")).statusCode()).isEqualTo(403);
    assertThat(send(to("/?token=guess")).statusCode()).isEqualTo(403);
    assertThat(log()).isEmpty();
  }

  @Test
  void refusesOtherOriginsAndHosts() throws Exception {
    for (String origin :
        List.of("http://evil.example", "null", "http://127.0.0.1:1", "https://localhost")) {
      assertThat(
              send(press(0, "1").header("X-Lowrank-Token", token).header("Origin", origin))
                  .statusCode())
          .as(origin)
          .isEqualTo(403);
    }
    int port = address.getPort();
    String path = "GET /?token=" + token + " HTTP/1.1\r\nConnection: close\r\n";
    assertThat(raw(path + "Host: 127.0.0.1:" + port + "\r\n\r\n")).contains(" 200 ");
    assertThat(raw(path + "Host: localhost:" + port + "\r\n\r\n")).contains(" 200 ");
    for (String host :
        List.of("evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "0.0.0.0:" + port)) {
      assertThat(raw(path + "Host: " + host + "\r\n\r\n")).as(host).contains(" 403 ");
    }
    assertThat(log()).isEmpty();
  }

  @Test
  void refusesNonsense() throws Exception {
    HttpRequest.Builder post = to("/answer").header("X-Lowrank-Token", token);
    for (String body :
        List.of("", "{", "[]", "{\"number\":0}", "{\"number\":\"0\",\"key\":\"1\"}")) {
      assertThat(send(post.copy().POST(HttpRequest.BodyPublishers.ofString(body))).statusCode())
          .as(body)
          .isEqualTo(400);
    }
    assertThat(send(to("/etc").header("X-Lowrank-Token", token)).statusCode()).isEqualTo(404);
    JsonNode state =
        Json.mapper().readTree(send(press(0, "x").header("X-Lowrank-Token", token)).body());
    assertThat(state.get("problem").asText()).contains("found 'x'");
    assertThat(log()).isEmpty();
  }

  @Test
  void listensOnTheLoopbackInterfaceAlone() throws Exception {
    List<InetAddress> others =
        Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
            .flatMap(i -> Collections.list(i.getInetAddresses()).stream())
            .filter(a -> !a.isLoopbackAddress())
            .toList();
    assumeTrue(!others.isEmpty(), "this computer has no other address");
    for (InetAddress other : others) {
      try (Socket socket = new Socket()) {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                () -> socket.connect(new InetSocketAddress(other, address.getPort()), 2000))
            .isInstanceOfAny(ConnectException.class, java.net.SocketTimeoutException.class);
      }
    }
  }

  /** In a real browser: keys are pressed, and their answers are in the log. */
  @Test
  void aBrowserAnswersByKeys() throws Exception {
    Optional<Path> browser =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(d -> Path.of(d, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(browser.isPresent(), "no Chromium on the search path");
    Process chromium =
        new ProcessBuilder(
                browser.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder.resolve("profile"),
                address.toString())
            .redirectErrorStream(true)
            .start();
    try (Browser page = Browser.of(chromium, client)) {
      page.until("document.querySelectorAll('#choices button').length == 2");
      assertThat(page.evaluate("document.querySelector('#choices button').textContent").asText())
          .contains("animal");
      String first = page.evaluate("document.getElementById('text').textContent").asText();
      page.key("2", "state.number == 1");
      page.key("u", "state.number == 2");
      page.key("1", "state.number == 3");
      page.key("s", "state.number == 4");
      page.key("0", "state.number == 5");
      page.key("Enter", "state.number == 6");
      assertThat(page.evaluate("document.getElementById('status').textContent").asText())
          .startsWith("4 answers; 6 exemplars");
      assertThat(log().stream().map(a -> a.verdict() + a.label()).toList().subList(0, 4))
          .containsExactly("LABELfood", "UNDO", "LABELanimal", "SKIP");
      assertThat(log().get(4).verdict()).isEqualTo(Answer.Verdict.NONE);
      assertThat(log().get(5).label()).isEqualTo(log().get(5).predicted());
      assertThat(log().get(0).text()).isEqualTo(first);
      page.key("q", "document.body.textContent.includes('can be closed')");
      assertThat(command.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(command.exitValue()).isZero();
    } finally {
      // All of its processes write into the profile, which is deleted next.
      List<ProcessHandle> all =
          Stream.concat(chromium.descendants(), Stream.of(chromium.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      for (ProcessHandle one : all) {
        one.onExit().get(20, TimeUnit.SECONDS);
      }
    }
  }

  /** A page of a browser, over the DevTools protocol. */
  private static final class Browser implements AutoCloseable {
    private final WebSocket socket;
    private final BlockingQueue<String> messages;
    private int id;

    private Browser(WebSocket socket, BlockingQueue<String> messages) {
      this.socket = socket;
      this.messages = messages;
    }

    static Browser of(Process chromium, HttpClient client) throws Exception {
      BufferedReader out = chromium.inputReader();
      String line = out.readLine();
      while (line != null && !line.startsWith("DevTools listening on ")) {
        line = out.readLine();
      }
      assertThat(line).as("the browser's address").isNotNull();
      Thread rest = new Thread(() -> out.lines().forEach(l -> {})); // or its pipe is full
      rest.setDaemon(true);
      rest.start();
      int port = URI.create(line.substring(line.indexOf("ws://"))).getPort();
      String page = "";
      while (page.isEmpty()) {
        JsonNode list =
            Json.mapper()
                .readTree(
                    client
                        .send(
                            HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + "/json/list"))
                                .build(),
                            HttpResponse.BodyHandlers.ofString())
                        .body());
        for (JsonNode target : list) {
          if (target.path("type").asText().equals("page")) {
            page = target.path("webSocketDebuggerUrl").asText();
          }
        }
      }
      BlockingQueue<String> messages = new LinkedBlockingQueue<>();
      StringBuilder part = new StringBuilder();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(page),
                  new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket s, CharSequence data, boolean last) {
                      part.append(data);
                      if (last) {
                        messages.add(part.toString());
                        part.setLength(0);
                      }
                      s.request(1);
                      return null;
                    }
                  })
              .get(20, TimeUnit.SECONDS);
      return new Browser(socket, messages);
    }

    private JsonNode call(String method, String parameters) throws Exception {
      id++;
      socket
          .sendText(
              "{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters), true)
          .get(20, TimeUnit.SECONDS);
      while (true) {
        String message = messages.poll(20, TimeUnit.SECONDS);
        assertThat(message).as("an answer of the browser").isNotNull();
        JsonNode answer = Json.mapper().readTree(message);
        if (answer.path("id").asInt() == id) {
          return answer.path("result");
        }
      }
    }

    JsonNode evaluate(String script) throws Exception {
      return call(
              "Runtime.evaluate",
              "{\"expression\":%s}".formatted(Json.mapper().writeValueAsString(script)))
          .at("/result/value");
    }

    void until(String condition) throws Exception {
      for (int i = 0; i < 400 && !evaluate(condition).asBoolean(); i++) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
      assertThat(evaluate(condition).asBoolean()).as(condition).isTrue();
    }

    void key(String key, String until) throws Exception {
      String text = key.equals("Enter") ? "\\r" : key;
      call(
          "Input.dispatchKeyEvent",
          "{\"type\":\"keyDown\",\"key\":\"%s\",\"text\":\"%s\"}".formatted(key, text));
      call("Input.dispatchKeyEvent", "{\"type\":\"keyUp\",\"key\":\"%s\"}".formatted(key));
      until(until);
    }

    @Override
    public void close() {
      socket.abort();
    }
  }
}
