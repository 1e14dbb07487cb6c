package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.bench.Benchmark;
import io.github.lowrank.experiments.bench.Benchmarks;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how much faster the compressed models and Lowrank's own algorithms are than the alternatives.",
      "Each ratio is measured in alternating rounds in one process, so other load on the machine affects both sides."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank bench --quick",
      "  lowrank bench --only LSTM",
      "  lowrank bench --out results/bench"
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "Fewer steps and a smaller table to factorize.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Number of rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Run only benchmarks whose names contain this text.")
  private String only;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "lowrank-out/bench",
      description = "Folder for bench.md and bench.json (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Override
  public Integer call() throws Exception {
    if (rounds < 1) {
      throw new UsageException("--rounds: expected a number of at least 1, found " + rounds);
    }
    Instant started = Instant.now();
    PrintWriter terminal = spec.commandLine().getOut();
    List<Benchmark.Outcome> outcomes = new ArrayList<>();
    Table table =
        new Table(List.of("ratio", "target", "median", "lowest", "highest", "measured", "verdict"));
    List<Benchmark> chosen =
        Benchmarks.all(quick).stream().filter(b -> b.name().contains(only)).toList();
    if (chosen.isEmpty()) {
      throw new UsageException(
          "--only: no benchmark's name contains \"%s\"; the names are:\n  %s"
              .formatted(
                  only,
                  String.join(
                      "\n  ", Benchmarks.all(quick).stream().map(Benchmark::name).toList())));
    }
    for (Benchmark benchmark : chosen) {
      spec.commandLine().getErr().println("measuring: " + benchmark.name());
      Benchmark.Outcome o = benchmark.run(rounds);
      outcomes.add(o);
      table.line(
          List.of(
              o.name(),
              o.target() == 0 ? "" : number(o.target()),
              number(o.ratio()),
              number(o.lowest()),
              number(o.highest()),
              measured(o),
              o.verdict()));
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("outcomes", outcomes);
    record.put(
        "provenance",
        Provenance.ofBenchmark(
            spec.commandLine().getParent().getParseResult().originalArgs(), quick, started));
    AtomicFiles.write(out.resolve("bench.json"), Json.pretty(record));
    AtomicFiles.write(
        out.resolve("bench.md"),
        "# Benchmarks\n\n%d interleaved rounds after a warm-up round. Ratios are per round; measured values are medians.\n\n%s"
            .formatted(rounds, table.markdown()));
    terminal.print(table.text());
    terminal.flush();
    return 0;
  }

  private static String measured(Benchmark.Outcome o) {
    return o.unit().equals("s")
        ? String.format(Locale.ROOT, "%.3f / %.3f ms", o.slow() * 1e3, o.fast() * 1e3)
        : String.format(Locale.ROOT, "%.0f / %.0f %s", o.slow(), o.fast(), o.unit());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
