package io.github.lowrank.experiments.cli;

import io.github.lowrank.graphdef.Safety;
import picocli.CommandLine.Option;

/** The option of every command that runs a model. */
final class TrustOption {
  @Option(
      names = Safety.OPTION,
      description =
          "Run the model even if its ops may reach files, network, other code or the host "
              + "(a model is a program; default: refuse it and name them).")
  private boolean trusted;

  boolean trusted() {
    return trusted;
  }
}
