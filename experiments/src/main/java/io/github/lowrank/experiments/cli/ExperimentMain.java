package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.spec.Experiment;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The main method of experiments, with the options of {@code lowrank run}. */
public final class ExperimentMain {
  private ExperimentMain() {}

  /** Runs one experiment and exits. */
  public static void run(Experiment experiment, String... args) {
    System.exit(Cli.execute(new One(experiment), args));
  }

  /** Runs the experiment that the first argument names and exits. */
  public static void run(List<Experiment> experiments, String... args) {
    System.exit(Cli.execute(new Several(experiments), args));
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Runs the experiment: trains and compares every method with every seed.",
      footerHeading = "%nExample:%n",
      footer = "  java ... Sst2Dan --data DIR --seeds 5 --jobs 2 --out results/sst2-dan")
  private static class One implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private RunOptions options;
    private final Experiment experiment;

    private One(Experiment experiment) {
      this.experiment = experiment;
    }

    @Override
    public Integer call() throws Exception {
      run(options, experiment, spec);
      return 0;
    }
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Runs one of the experiments of this class.",
      footerHeading = "%nExample:%n",
      footer = "  java ... PaperComparison claims-trec-dan --data DIR --jobs 2")
  private static final class Several implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private RunOptions options;

    @Parameters(paramLabel = "EXPERIMENT", description = "Name of the experiment.")
    private String name;

    private final List<Experiment> experiments;

    private Several(List<Experiment> experiments) {
      this.experiments = experiments;
    }

    @Override
    public Integer call() throws Exception {
      run(options, new Cli(experiments).experiment(name), spec);
      return 0;
    }
  }

  private static ExperimentRun.Result run(
      RunOptions options, Experiment experiment, CommandSpec spec) throws Exception {
    return options.run(
        experiment,
        spec.commandLine().getParseResult().originalArgs(),
        false,
        spec.commandLine().getOut());
  }
}
