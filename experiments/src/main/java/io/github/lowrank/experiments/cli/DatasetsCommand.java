package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "datasets",
    mixinStandardHelpOptions = true,
    description = "Lists, downloads and verifies the data sets and word vectors of the catalogue.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank datasets list",
      "  lowrank datasets get sst2 --data DIR",
      "  lowrank datasets verify sst2 --data DIR"
    },
    subcommands = DatasetsGetCommand.class)
final class DatasetsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Expected a subcommand: list, get or verify.");
  }

  /** A data set, or word vectors. */
  record Entry(String name, String description, String licence, List<DataFile> files) {}

  /** The whole catalogue. */
  static List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (DatasetSource d : Catalogue.datasets()) {
      entries.add(new Entry(d.name(), d.description(), d.licence(), d.files()));
    }
    for (VectorSource v : Catalogue.vectors()) {
      entries.add(new Entry(v.name(), v.description(), v.licence(), v.files()));
    }
    return entries;
  }

  /** Refuses names that the catalogue does not have. */
  static void checkNames(List<String> names, List<Entry> entries) {
    List<String> known = entries.stream().map(Entry::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        String similar =
            known.stream().min(Comparator.comparingInt(k -> distance(name, k))).orElseThrow();
        throw new UsageException(
            "there is no data set '%s'%s: expected names among %s"
                .formatted(
                    name,
                    distance(name, similar) <= similar.length() / 2
                        ? " (did you mean " + similar + "?)"
                        : "",
                    String.join(", ", known)));
      }
    }
  }

  /** How many characters must be inserted, deleted or replaced to make {@code b} of {@code a}. */
  private static int distance(String a, String b) {
    int[] row = IntStream.rangeClosed(0, b.length()).toArray();
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced =
            diagonal
                + (Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1))
                    ? 0
                    : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description =
          "Lists all data sets and word vectors: where they come from, their licences, and whether they are installed.",
      footerHeading = "%nExample:%n",
      footer = "  lowrank datasets list --data DIR")
  int list(@Mixin DataOption data) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DataRoot root = data.root();
    for (Entry entry : entries()) {
      out.printf("%s: %s (licence: %s)%n", entry.name(), entry.description(), entry.licence());
      for (DataFile file : entry.files()) {
        out.printf(
            "  %-8s %s%s%n",
            root.has(file) ? "here" : "missing",
            root.location(file),
            file.address().map(a -> "\n           from " + a).orElse(""));
        out.printf("           sha256 %s%n", file.sha256());
      }
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description =
          "Reads data sets and checks their sizes and checksums; without names, all that are installed.",
      footerHeading = "%nExamples:%n",
      footer = {"  lowrank datasets verify", "  lowrank datasets verify trec snips --data DIR"})
  int verify(
      @Mixin DataOption data,
      @Parameters(paramLabel = "NAME", description = "Data sets or word vectors, by name.")
          List<String> names)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DataRoot root = data.root();
    List<String> wanted = names == null ? List.of() : names;
    checkNames(wanted, entries());
    int failures = 0;
    for (DatasetSource d : Catalogue.datasets()) {
      if (wanted(wanted, d.name(), d.files(), root)) {
        failures +=
            verify(
                out,
                d.name(),
                () -> {
                  Dataset loaded = d.load(root);
                  return "%,d train, %,d dev, %,d test, %d classes"
                      .formatted(
                          loaded.train().size(),
                          loaded.dev().size(),
                          loaded.test().size(),
                          loaded.labels().size());
                });
      }
    }
    for (VectorSource v : Catalogue.vectors()) {
      if (wanted(wanted, v.name(), v.files(), root)) {
        failures +=
            verify(
                out,
                v.name(),
                () -> {
                  for (DataFile file : v.files()) {
                    root.verify(file);
                  }
                  return v.files().size() + " file(s)";
                });
      }
    }
    out.flush();
    return failures == 0 ? 0 : 1;
  }

  private static boolean wanted(
      List<String> names, String name, List<DataFile> files, DataRoot root) {
    return names.isEmpty() ? files.stream().anyMatch(root::has) : names.contains(name);
  }

  private interface Check {
    String run() throws IOException;
  }

  private static int verify(PrintWriter out, String name, Check check) {
    try {
      out.printf("%s: ok, %s%n", name, check.run());
      return 0;
    } catch (IOException e) {
      out.printf("%s: FAILED: %s%n", name, e.getMessage());
      return 1;
    }
  }
}
