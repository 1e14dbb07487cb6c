package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.io.Json;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the built-in experiments, or describes one of them.",
      "With --json it prints the complete experiment, ready to be edited and given to lowrank run."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank list",
      "  lowrank list claims-trec-dan",
      "  lowrank list sst2-dan --json > mine.json"
    })
final class ListCommand implements Callable<Integer> {
  /** More names would not fit into a line. */
  private static final int SHOWN = 5;

  /**
   * Seconds per step with --jobs 2 on 2 cores: the whole of {@code results/claims-snips-dan} and of
   * {@code results/claims-sst2-lstm}, by their steps.
   */
  private static final double POOLED = 0.00055;

  private static final double RECURRENT = 0.016;

  @Spec private CommandSpec spec;
  @ParentCommand private Cli cli;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of an experiment, or a JSON file.")
  private String name;

  @Option(names = "--json", description = "Print the experiment as JSON, as lowrank run takes it.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      if (json) {
        throw new UsageException("--json: name an experiment");
      }
      Table table =
          new Table(List.of("experiment", "data set", "encoder", "methods", "seeds", "minutes"));
      for (Experiment e : cli.experiments()) {
        table.line(
            List.of(
                e.name(),
                e.dataset().name(),
                e.encoder().name(),
                families(e),
                Integer.toString(e.seeds()),
                minutes(e)));
      }
      out.print(table.text());
      out.println("Minutes are estimates for 2 cores with --jobs 2. Details: lowrank list NAME");
      out.println(
          "Codes and SVDs in training (one-percent-*, through-*) take four times that and more.");
    } else {
      Experiment e = RunCommand.find(cli, name);
      if (json) {
        out.print(Json.pretty(e));
      } else {
        describe(e, out);
      }
    }
    out.flush();
    return 0;
  }

  /** How many methods, and the first words of their names. */
  private static String families(Experiment e) {
    List<String> families =
        e.methods().stream().map(m -> m.name().replaceFirst("-.*", "")).distinct().toList();
    String more = families.size() > SHOWN ? ", ..." : "";
    return e.methods().size()
        + ": "
        + String.join(", ", families.subList(0, Math.min(SHOWN, families.size())))
        + more;
  }

  private static String minutes(Experiment e) {
    double step = e.encoder().pools() ? POOLED : RECURRENT;
    return String.format(Locale.ROOT, "%.0f", Math.max(1, ExperimentRun.steps(e) * step / 60));
  }

  private static void describe(Experiment e, PrintWriter out) {
    out.printf("%s: %s%n", e.name(), e.description());
    out.printf(
        "data set %s, vectors %s, encoder %s, head %s%n",
        e.dataset().name(), e.vectors().name(), Json.canonical(e.encoder()), e.head().name());
    out.printf(
        "%,d steps of %d texts, %s, schedules %s and %s, rates %s, %d seed(s), about %s min%n",
        e.plan().steps(),
        e.plan().batch(),
        e.plan().optimizer().name(),
        e.plan().first().name(),
        e.plan().candidates().stream().map(Shape::name).collect(Collectors.joining(" or ")),
        e.plan().rates(),
        e.seeds(),
        minutes(e));
    out.printf("%d methods:%n", e.methods().size());
    for (Method m : e.methods()) {
      out.printf(
          "  %-32s %s%n",
          m.label(), m.steps().stream().map(Json::canonical).collect(Collectors.joining(" ")));
    }
  }
}
