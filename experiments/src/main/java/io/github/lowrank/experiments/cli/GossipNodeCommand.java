package io.github.lowrank.experiments.cli;

import io.github.lowrank.distributed.GossipNode;
import io.github.lowrank.distributed.NodeFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "gossip-node",
    mixinStandardHelpOptions = true,
    description = {
      "Runs one node of lowrank gossip --processes from its folder, or goes on from its last round.",
      "Connections are neither encrypted nor authenticated: for loopback and trusted networks."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank gossip-node factors/node-3")
final class GossipNodeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder with node.json and rows.f64.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    NodeFolder.Result result;
    try (FactorizationProgress progress = new FactorizationProgress(System.err)) {
      NodeFolder node = new NodeFolder(folder);
      result = GossipNode.run(node, round -> progress.report("rounds", round, 0));
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %,d rounds, %,d numbers sent%n",
            folder,
            result.rounds(),
            result.numbersSent());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
