package io.github.lowrank.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Brings files of the catalogue into a data root, by HTTP or from a folder. A file gets its name
 * when its checksum is the catalogue's, not before: until then it is {@code NAME.part}, which the
 * next download of the file continues, in this process or in another one.
 *
 * <p>Only one process at a time may download into a data root; the caller sees to that.
 */
public final class Download {
  private static final int TRIES = 4;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Set<Integer> TRANSIENT = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Map<Integer, String> REASONS =
      Map.of(
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          407, "Proxy Authentication Required",
          410, "Gone",
          429, "Too Many Requests",
          500, "Internal Server Error",
          502, "Bad Gateway",
          503, "Service Unavailable",
          504, "Gateway Timeout");
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "download-timer");
            thread.setDaemon(true);
            return thread;
          });

  private final HttpClient client;
  private final Duration timeout;
  private final Duration pause;
  private final boolean replace;
  private final Listener listener;

  /** Is told how a download goes. */
  public interface Listener {
    /**
     * Bytes are about to come.
     *
     * @param from how many are there already
     * @param size of the whole file, if the source says it
     */
    void started(long from, OptionalLong size);

    /** So many bytes are there, those of earlier tries included. */
    void received(long bytes);

    /** Something unexpected that the download copes with, in one line. */
    void note(String line);
  }

  /** The source failed in a way that may pass. */
  private static final class TransientException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Duration pause;

    TransientException(String message, Duration pause) {
      super(message);
      this.pause = pause;
    }
  }

  /**
   * Through the proxy of Java's system properties ({@code https.proxyHost} and so on), if one is
   * set.
   *
   * @param timeout longest time to wait for a connection, for an answer, and for the next bytes
   * @param replace whether a file of another checksum may be replaced
   * @param listener is told how it goes
   */
  public Download(Duration timeout, boolean replace, Listener listener) {
    this(timeout, Duration.ofSeconds(1), replace, listener);
  }

  Download(Duration timeout, Duration pause, boolean replace, Listener listener) {
    this.timeout = timeout;
    this.pause = pause;
    this.replace = replace;
    this.listener = listener;
    client =
        HttpClient.newBuilder()
            .version(
                HttpClient.Version
                    .HTTP_1_1) // without an upgrade to HTTP/2, which some proxies reject
            .followRedirects(HttpClient.Redirect.NORMAL) // all but those from https to http
            .proxy(ProxySelector.getDefault())
            .connectTimeout(timeout)
            .build();
  }

  /**
   * Downloads {@code file} into {@code root}.
   *
   * @param address http or https
   * @throws DatasetException if what {@code address} serves is not the catalogue's file
   * @throws IOException if nothing comes or it cannot be written; the message is for the user
   */
  public void get(URI address, DataFile file, DataRoot root) throws IOException {
    Path target = target(file, root);
    PartialFile part = new PartialFile(target);
    // A process may have been killed between the last byte and the file's name.
    if (part.size() > 0 && part.checksum().equals(file.sha256())) {
      place(part, target);
      return;
    }
    receive(address, part);
    if (part.pieced() && !part.checksum().equals(file.sha256())) {
      listener.note(address + ": the rest does not fit the bytes of before; starting anew");
      part.delete();
      receive(address, part);
    }
    finish(address.toString(), file, part, target);
  }

  /**
   * Copies {@code file} into {@code root} from a folder of the same layout.
   *
   * @throws DatasetException if it is not there or not the catalogue's file
   */
  public void copy(Path folder, DataFile file, DataRoot root) throws IOException {
    Path source = folder.resolve(file.path());
    InputFiles.check(source, "a file");
    Path target = target(file, root);
    PartialFile part = new PartialFile(target);
    try (InputStream in = Files.newInputStream(source);
        OutputStream out = part.restart(source.toString(), "")) {
      listener.started(0, OptionalLong.of(Files.size(source)));
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        part.write(out, buffer, n);
        listener.received(part.size());
      }
    }
    finish(source.toString(), file, part, target);
  }

  private Path target(DataFile file, DataRoot root) throws IOException {
    Path target = root.folder().resolve(file.path());
    checkFree(target);
    Files.createDirectories(target.toAbsolutePath().getParent());
    return target;
  }

  private void checkFree(Path target) throws DatasetException {
    if (!replace && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new DatasetException(target + " exists and was not to be replaced");
    }
  }

  private void finish(String source, DataFile file, PartialFile part, Path target)
      throws IOException {
    String found = part.checksum();
    if (!found.equals(file.sha256())) {
      long size = part.size();
      part.delete();
      throw new DatasetException(
          "%s: expected SHA-256 %s, found %s in the %,d bytes of %s, which are deleted"
              .formatted(target, file.sha256(), found, size, source));
    }
    place(part, target);
  }

  private void place(PartialFile part, Path target) throws IOException {
    checkFree(target); // somebody else may have put one there meanwhile
    part.moveTo(target);
  }

  /** Completes {@code part}, in several tries if necessary. */
  private void receive(URI address, PartialFile part) throws IOException {
    long farthest = part.size();
    int failures = 0;
    while (true) {
      try {
        request(address, part);
        return;
      } catch (TransientException e) {
        // As long as every try gets further, there is no reason to give up.
        failures = part.size() > farthest ? 1 : failures + 1;
        farthest = Math.max(farthest, part.size());
        if (failures == TRIES) {
          throw new IOException(
              e.getMessage()
                  + ", after %d tries".formatted(TRIES)
                  + (part.size() > 0 ? "; the next download continues after what has come" : ""));
        }
        Duration wait = pause.multipliedBy(1L << (failures - 1));
        if (e.pause.compareTo(wait) > 0) {
          wait = e.pause;
        }
        listener.note("%s; again in %,d s".formatted(e.getMessage(), wait.toSeconds()));
        sleep(wait);
      }
    }
  }

  private static void sleep(Duration duration) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private void request(URI address, PartialFile part) throws IOException {
    long from = part.size();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(timeout)
            .header("User-Agent", "lowrank")
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
      part.validator(address.toString()).ifPresent(v -> request.header("If-Range", v));
    }
    HttpResponse<InputStream> response = send(request.build());
    HttpHeaders headers = response.headers();
    boolean restart = false;
    try (InputStream body = response.body()) {
      if (response.statusCode() == 206) {
        Matcher range = CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        restart = !range.matches() || Long.parseLong(range.group(1)) != from;
        if (!restart) {
          try (OutputStream out = part.append()) {
            OptionalLong size =
                range.group(2).equals("*")
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(range.group(2)));
            save(address, body, size, part, out);
          }
        }
      } else if (response.statusCode() == 200) {
        if (from > 0) {
          listener.note(address + ": the server sends the whole file; starting anew");
        }
        try (OutputStream out = part.restart(address.toString(), validator(headers))) {
          save(address, body, headers.firstValueAsLong("Content-Length"), part, out);
        }
      } else if (response.statusCode() == 416) {
        restart = true; // shorter than what is here
      } else {
        throw refused(address, response.statusCode(), headers);
      }
    }
    if (restart) {
      if (from == 0) {
        throw new IOException(address + ": the server answers with another range than asked for");
      }
      listener.note(address + ": the server has no such rest; starting anew");
      part.delete();
      request(address, part); // without a range: once
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    String address = request.uri().toString();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (HttpConnectTimeoutException e) {
      throw transientFailure(address, "no connection within " + seconds());
    } catch (HttpTimeoutException e) {
      throw transientFailure(address, "no answer within " + seconds());
    } catch (ConnectException e) {
      boolean unknown = false;
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        unknown |= cause instanceof UnresolvedAddressException;
      }
      throw new IOException(
          address + ": " + (unknown ? "there is no such host" : "the connection was refused"), e);
    } catch (SSLException e) {
      throw new IOException(address + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw transientFailure(address, "the connection broke off");
    } catch (IllegalArgumentException e) { // of the address that a redirect names
      throw new IOException(address + ": the answer is not valid HTTP: " + e.getMessage(), e);
    }
  }

  private String seconds() {
    return "%,d s".formatted(timeout.toSeconds());
  }

  private static TransientException transientFailure(String address, String what) {
    return new TransientException(address + ": " + what, Duration.ZERO);
  }

  private static IOException refused(URI address, int status, HttpHeaders headers) {
    String line =
        "%s: HTTP %d %s".formatted(address, status, REASONS.getOrDefault(status, "")).strip();
    if (status / 100 == 3) {
      return new IOException(
          line
              + headers.firstValue("Location").map(to -> ", a redirect to " + to).orElse("")
              + ", which is not followed");
    }
    if (!TRANSIENT.contains(status)) {
      return new IOException(line);
    }
    String after = headers.firstValue("Retry-After").filter(v -> v.matches("\\d{1,9}")).orElse("0");
    Duration pause = Duration.ofSeconds(Long.parseLong(after));
    return new TransientException(line, pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
  }

  /** What tells this version of the file from others: a strong ETag, else its date. */
  private static String validator(HttpHeaders headers) {
    return headers
        .firstValue("ETag")
        .filter(tag -> !tag.startsWith("W/"))
        .or(() -> headers.firstValue("Last-Modified"))
        .orElse("");
  }

  private void save(
      URI address, InputStream body, OptionalLong size, PartialFile part, OutputStream out)
      throws IOException {
    listener.started(part.size(), size);
    AtomicLong last = new AtomicLong(System.nanoTime());
    AtomicBoolean stalled = new AtomicBoolean();
    // The request's own timeout ends with the headers.
    long period = Math.max(1, timeout.toMillis() / 10);
    ScheduledFuture<?> watch =
        TIMER.scheduleWithFixedDelay(
            () -> {
              if (System.nanoTime() - last.get() > timeout.toNanos()) {
                stalled.set(true);
                close(body);
              }
            },
            period,
            period,
            TimeUnit.MILLISECONDS);
    try {
      byte[] buffer = new byte[1 << 16];
      while (true) {
        int n;
        try {
          n = body.read(buffer);
        } catch (IOException e) {
          n = -2;
        }
        if (n < 0 && stalled.get()) {
          throw transientFailure(address.toString(), "no more bytes within " + seconds());
        }
        if (n == -2 || (n == -1 && size.isPresent() && part.size() < size.getAsLong())) {
          throw transientFailure(
              address.toString(),
              "the connection broke off after %,d bytes".formatted(part.size()));
        }
        if (n == -1) {
          return;
        }
        part.write(out, buffer, n);
        listener.received(part.size());
        last.set(System.nanoTime());
      }
    } finally {
      watch.cancel(false);
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      throw new AssertionError("only gives up the response", e);
    }
  }
}
