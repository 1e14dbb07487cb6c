package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.DataRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the data sets are. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of the data sets (default: the variable LOWRANK_DATA, else ~/.lowrank/data). "
              + "WordNet and BGE-small need none.")
  private Path data;

  DataRoot root() {
    if (data != null && !Files.isDirectory(data)) {
      throw new UsageException("--data " + data + ": expected a folder, found none");
    }
    return rootToFill();
  }

  /** The same, but the folder need not exist yet. */
  DataRoot rootToFill() {
    if (data != null) {
      if (Files.exists(data) && !Files.isDirectory(data)) {
        throw new UsageException("--data " + data + ": expected a folder, found a file");
      }
      return new DataRoot(data);
    }
    String variable = System.getenv("LOWRANK_DATA");
    return new DataRoot(
        variable != null
            ? Path.of(variable)
            : Path.of(System.getProperty("user.home"), ".lowrank", "data"));
  }
}
