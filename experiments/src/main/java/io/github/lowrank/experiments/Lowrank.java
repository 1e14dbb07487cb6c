package io.github.lowrank.experiments;

import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.cli.Cli;

/** The entry point of the launcher: the command line with the experiments of the catalogue. */
public final class Lowrank {
  private Lowrank() {}

  /** Runs a command line and exits with its exit code. */
  public static void main(String[] args) {
    System.exit(new Cli(Experiments::all).execute(args));
  }
}
