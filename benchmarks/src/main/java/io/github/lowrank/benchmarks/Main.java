package io.github.lowrank.benchmarks;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "lowrank bench-peers",
    subcommands = FastText.class,
    mixinStandardHelpOptions = true,
    description = {
      "Trains the same models in Lowrank and in DJL on PyTorch, each in a process of its own, round by",
      "round, and prints ratios. Linux x86-64."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  lowrank bench-peers --quick", "  lowrank bench-peers --out results/bench"})
final class Main implements Callable<Integer> {
  static final String ANSWER = "seconds ";
  private static final int SMALL = 16_000;
  private static final int BATCH = 50;

  @Option(names = "--quick", description = "Fewer steps.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "lowrank-out/bench",
      description = "Folder of peers.md and peers.json (default: ${DEFAULT-VALUE}).")
  private Path out;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private record Comparison(
      String name, Contender ours, Contender peer, double target, int steps) {}

  /** A contender's process. */
  private static final class Runner implements AutoCloseable {
    private final Contender contender;
    private final Process process;
    private final PrintWriter to;
    private final BufferedReader from;

    Runner(Contender contender, int steps) throws IOException {
      this.contender = contender;
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(Contender.class.getName(), contender.name()));
      command.addAll(List.of(Integer.toString(SMALL), Integer.toString(steps)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      to = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
      from =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    double seconds() throws IOException {
      to.println("go");
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        if (line.startsWith(ANSWER)) {
          return Double.parseDouble(line.substring(ANSWER.length()));
        }
      }
      throw new IOException(contender + " ended before it answered");
    }

    @Override
    public void close() {
      to.close();
      process.destroy();
    }
  }

  @Override
  public Integer call() throws Exception {
    if (rounds < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--rounds: expected a number of at least 1, found " + rounds);
    }
    Instant started = Instant.now();
    int dan = quick ? 100 : 400;
    int lstm = quick ? 12 : 60;
    int slow = quick ? 12 : 40;
    List<Comparison> comparisons =
        List.of(
            new Comparison("DAN training", Contender.LOWRANK_DAN, Contender.TORCH_DAN, 1.2, dan),
            new Comparison("DAN training", Contender.LOWRANK_DAN, Contender.DJL_DAN, 20, slow),
            new Comparison(
                "LSTM training", Contender.LOWRANK_LSTM, Contender.TORCH_LSTM, 1.3, lstm),
            new Comparison("LSTM training", Contender.LOWRANK_LSTM, Contender.DJL_LSTM, 1.3, lstm));
    Table table =
        new Table(
            List.of(
                "V = 16k, d = 300, batch 50, Adam",
                "peer",
                "target",
                "median",
                "lowest",
                "highest",
                "examples/s: peer / Lowrank",
                "verdict"));
    List<Map<String, Object>> outcomes = new ArrayList<>();
    for (Comparison c : comparisons) {
      System.err.println("measuring: " + c.name() + " against " + c.peer().title());
      double[] ratios = new double[rounds];
      double[] ours = new double[rounds];
      double[] theirs = new double[rounds];
      // A short training says little of a fast contender.
      int ourSteps = c.ours() == Contender.LOWRANK_DAN ? dan : lstm;
      try (Runner first = new Runner(c.ours(), ourSteps);
          Runner second = new Runner(c.peer(), c.steps())) {
        for (int i = -1; i < rounds; i++) {
          double a = first.seconds();
          double b = second.seconds();
          if (i >= 0) {
            ours[i] = a;
            theirs[i] = b;
            ratios[i] = b / a;
          }
        }
      }
      Arrays.sort(ratios);
      Arrays.sort(ours);
      Arrays.sort(theirs);
      double median = ratios[rounds / 2];
      table.line(
          List.of(
              c.name(),
              c.peer().title(),
              number(c.target()),
              number(median),
              number(ratios[0]),
              number(ratios[rounds - 1]),
              String.format(
                  Locale.ROOT,
                  "%,.0f / %,.0f",
                  BATCH / theirs[rounds / 2],
                  BATCH / ours[rounds / 2]),
              median >= c.target() ? "pass" : "FAIL"));
      Map<String, Object> outcome = new LinkedHashMap<>();
      outcome.put("name", c.name());
      outcome.put("peer", c.peer().title());
      outcome.put("target", c.target());
      outcome.put("ratios", ratios);
      outcome.put("seconds_per_step_lowrank", ours);
      outcome.put("seconds_per_step_peer", theirs);
      outcomes.add(outcome);
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("outcomes", outcomes);
    record.put("provenance", Provenance.ofBenchmark(List.of("bench-peers"), quick, started));
    AtomicFiles.write(out.resolve("peers.json"), Json.pretty(record));
    AtomicFiles.write(
        out.resolve("peers.md"),
        "# Against other libraries\n\n%d interleaved rounds after one that does not count, each contender in its own process; ratio: their time of a step over ours.\n\n%s"
            .formatted(rounds, table.markdown()));
    System.out.print(table.text());
    return 0;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main())
            .setExecutionExceptionHandler(
                (e, command, parsed) -> {
                  System.err.println("lowrank bench-peers: " + e.getMessage());
                  return 1;
                })
            .execute(args));
  }
}
