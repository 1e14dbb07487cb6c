package io.github.lowrank.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.io.AtomicFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files by the hundred thousand: a reader returns, or throws an {@link IOException} of one
 * line that names the file, in less than ten seconds, and never ends the process.
 *
 * <p>{@code -Dfuzz.seconds=3600} tries for longer, {@code -Dfuzz.seed=} others. What a failure says
 * repeats it: {@code -Dfuzz.reader=NAME -Dfuzz.seed=N} tries that input alone, and {@code
 * -Dfuzz.inputs=1000000} as many of that reader, however long it takes.
 */
class FuzzTest {
  private static final int MINUTE = 60;
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", MINUTE);

  /** Those who try for longer want to see others each time. */
  private static final long SEED =
      Long.getLong("fuzz.seed", SECONDS > MINUTE ? System.currentTimeMillis() : 0);

  private static final long INPUTS = Long.getLong("fuzz.inputs", 0);

  private static final int MOST_MODELS = 400;

  private static final String READER = System.getProperty("fuzz.reader", "");
  private static final String MODELS = "models";
  private static final int THREADS = 2;
  private static final int MOST_FAILURES = 20;

  /** Ten seconds on a machine that does nothing else. */
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(30);

  @TempDir Path folder;

  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, String> counts = Collections.synchronizedMap(new TreeMap<>());

  /** Where failures came from: one of each is enough. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  private final AtomicLong inputs = new AtomicLong();

  /** What a thread reads at the moment. */
  private static final class Current {
    private final Thread thread = Thread.currentThread();
    private volatile String what = "";
    private volatile long since = System.nanoTime();

    private void begins(String reader, long seed) {
      since = System.nanoTime();
      what = "-Dfuzz.reader=\"%s\" -Dfuzz.seed=%d".formatted(reader, seed);
    }
  }

  @Test
  void readersRefuseWhatIsDamaged() throws Exception {
    List<Readers.Reader> readers =
        Readers.all(folder).stream()
            .filter(r -> READER.isEmpty() || READER.equals(r.name()))
            .toList();
    int shares = readers.stream().mapToInt(Readers.Reader::share).sum();
    List<Current> running = Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    for (Readers.Reader reader : readers) {
      long nanos = TimeUnit.SECONDS.toNanos(SECONDS) * 2 / 3 * THREADS * reader.share() / shares;
      threads.submit(
          () -> {
            Current current = new Current();
            running.add(current);
            read(reader, nanos, current);
            running.remove(current);
          });
    }
    threads.shutdown();
    boolean hanging = false;
    while (!hanging && !threads.awaitTermination(200, TimeUnit.MILLISECONDS)) {
      for (Current current : List.copyOf(running)) {
        if (System.nanoTime() - current.since > HANG_NANOS) {
          hanging = true;
          failures.add(current.what + ": hangs at " + List.of(current.thread.getStackTrace()));
        }
      }
    }
    report();
  }

  private void read(Readers.Reader reader, long nanos, Current current) {
    long end = System.nanoTime() + nanos;
    long seed = SEED;
    long refused = 0;
    do {
      current.begins(reader.name(), seed);
      try {
        refused += reader.refuses(seed) ? 1 : 0;
      } catch (Throwable e) { // whatever it is, it should not have come here
        String what = Fuzz.describe(e);
        if (known.add(what.replaceFirst("[^|]*", reader.name()))) {
          failures.add(current.what + ": " + what);
        }
      }
      seed++;
    } while (failures.size() < MOST_FAILURES
        && (INPUTS > 0
            ? seed - SEED < INPUTS
            : READER.isEmpty()
                && (SECONDS > MINUTE || seed - SEED < reader.most())
                && System.nanoTime() < end));
    inputs.addAndGet(seed - SEED);
    counts.put(
        reader.name(),
        String.format(Locale.ROOT, "%,10d inputs, %,10d refused", seed - SEED, refused));
  }

  /**
   * In processes of their own, which TensorFlow may end. A damaged shape may ask for more memory
   * than the machine has, so theirs is limited.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void modelsAreRefusedOrRun() throws Exception {
    if (!READER.isEmpty() && !READER.equals(MODELS)) {
      return;
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / 3;
    long seed = SEED;
    Map<String, Integer> outcomes = new TreeMap<>();
    while (failures.size() < MOST_FAILURES
        && (SECONDS > MINUTE || seed - SEED < MOST_MODELS)
        && System.nanoTime() < end) {
      seed = worker(seed, end, outcomes);
      if (!READER.isEmpty()) {
        break;
      }
    }
    outcomes.forEach(
        (outcome, count) -> counts.put(MODELS + " " + outcome, "%,10d".formatted(count)));
    inputs.addAndGet(seed - SEED);
    report();
  }

  /** Runs a worker until it or the time ends; the seed to go on with. */
  private long worker(long first, long end, Map<String, Integer> outcomes) throws Exception {
    Path models = folder.resolve(MODELS);
    AtomicFiles.delete(models);
    Models.write(Files.createDirectories(models));
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -c 0; ulimit -v 20000000; exec \"$0\" \"$@\""));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-XX:ErrorFile=" + folder.resolve("errors"),
            "-XX:-OmitStackTraceInFastThrow",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            ModelWorker.class.getName(),
            models.toString(),
            Long.toString(first),
            Long.toString(
                !READER.isEmpty()
                    ? 1
                    : SECONDS > MINUTE ? Long.MAX_VALUE / 2 : SEED + MOST_MODELS - first)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve("log").toFile());
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    Process process = builder.start();
    ExecutorService watch = Executors.newSingleThreadExecutor();
    AtomicLong since = new AtomicLong(System.nanoTime());
    AtomicLong seed = new AtomicLong(first);
    boolean[] stopped = new boolean[2];
    watch.submit(
        () -> {
          while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            stopped[0] = READER.isEmpty() && System.nanoTime() > end;
            stopped[1] = System.nanoTime() - since.get() > HANG_NANOS;
            if (stopped[0] || stopped[1]) {
              process.destroyForcibly();
            }
          }
          return null;
        });
    boolean open = false;
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        since.set(System.nanoTime());
        String input = "-Dfuzz.reader=%s -Dfuzz.seed=%d".formatted(MODELS, seed.get());
        if (line.startsWith(ModelWorker.START)) {
          seed.set(Long.parseLong(line.substring(ModelWorker.START.length())));
          open = true;
        } else if (line.startsWith(ModelWorker.DONE)) {
          outcomes.merge(line.substring(ModelWorker.DONE.length()), 1, Integer::sum);
          open = false;
        } else if (line.startsWith(ModelWorker.FAILED)) {
          failures.add(input + ": " + line);
          open = false;
        }
      }
    }
    process.waitFor();
    watch.shutdown();
    if (open && !stopped[0]) {
      failures.add(
          "-Dfuzz.reader=%s -Dfuzz.seed=%d: %s: %s"
              .formatted(
                  MODELS, seed.get(), stopped[1] ? "hangs" : "ends the process", log(folder)));
    }
    return seed.get() + 1;
  }

  private static String log(Path folder) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("log"));
    return String.join(" ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }

  private void report() {
    System.out.printf(Locale.ROOT, "fuzz: %,d inputs from seed %d on%n", inputs.get(), SEED);
    counts.forEach((name, count) -> System.out.printf("fuzz: %-28s %s%n", name, count));
    assertThat(failures).as("damaged files that were not just refused").isEmpty();
  }
}
