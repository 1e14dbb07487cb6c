package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.InputFiles;
import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.FactorizationEngine;
import io.github.lowrank.factorization.FactorizationRequest;
import io.github.lowrank.factorization.LocalFactorization;
import io.github.lowrank.factorization.RankChoice;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "factorize",
    mixinStandardHelpOptions = true,
    description = {
      "Factorizes a file of word vectors by truncated SVD, E ~ (U S) V^T, in two passes and bounded memory.",
      "Reads word2vec's and GloVe's text and word2vec's binary layout, plain, gzip or in a zip file.",
      "Writes rows.txt, the k numbers of each word, which train --vectors reads; basis.txt, V^T, k lines of d "
          + "numbers: a word's row times the basis is its vector; and factorization.json."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank factorize --table vectors.txt --remove 0.9 --out factors",
      "  lowrank factorize --table GoogleNews.bin --rank 50 --format binary --out factors",
      "  lowrank factorize --table vectors.txt --energy 0.95 --out factors",
      "  lowrank factorize --table vectors.txt --engine spark --out factors",
      "  lowrank factorize --table /shared/vectors.txt --engine spark --master spark://host:7077 --out /shared/factors"
    })
final class FactorizeCommand implements Callable<Integer> {
  private static final String ENTRY = ".zip#";

  @Spec private CommandSpec spec;

  @Option(
      names = "--table",
      required = true,
      paramLabel = "FILE",
      description = "File of word vectors; archive.zip#NAME for one of several in a zip file.")
  private String table;

  @Option(
      names = "--remove",
      paramLabel = "R",
      description = "Fraction of the table's numbers to remove, in (0, 1) (default: 0.9).")
  private Double remove;

  @Option(
      names = "--rank",
      paramLabel = "K",
      description = "In the place of --remove: numbers per word.")
  private Integer rank;

  @Option(
      names = "--energy",
      paramLabel = "SHARE",
      description =
          "In the place of --remove: the smallest rank that keeps this share of the squares of all "
              + "numbers, in (0, 1].")
  private Double energy;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder that must not exist.")
  private Path out;

  @Option(
      names = "--format",
      paramLabel = "text|binary",
      defaultValue = "text",
      description = "Layout of the rows: word2vec's text or binary (default: ${DEFAULT-VALUE}).")
  private VectorWriter.Layout format;

  @Option(
      names = "--engine",
      paramLabel = "local|spark",
      defaultValue = LocalFactorization.NAME,
      description = {
        "Who computes (default: ${DEFAULT-VALUE}). spark reads text, plain or gzip, and writes rows/part-*."
      })
  private String engine;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Spark's cluster, which must see the files under the same paths (default: local[*], all "
              + "cores of this machine).")
  private String master;

  private RankChoice choice() {
    if ((remove == null ? 0 : 1) + (rank == null ? 0 : 1) + (energy == null ? 0 : 1) > 1) {
      throw new UsageException("--remove, --rank and --energy: expected only one of them");
    }
    if (rank != null) {
      if (rank < 1) {
        throw new UsageException("--rank: expected a number of at least 1, found " + rank);
      }
      return RankChoice.of(rank);
    }
    if (energy != null) {
      if (!(energy > 0 && energy <= 1)) {
        throw new UsageException("--energy: expected a number in (0, 1], found " + energy);
      }
      return RankChoice.keeping(energy);
    }
    double share = remove == null ? 0.9 : remove;
    if (!(share > 0 && share < 1)) {
      throw new UsageException("--remove: expected a number in (0, 1), found " + share);
    }
    return RankChoice.removing(share);
  }

  private FactorizationEngine engine() {
    List<FactorizationEngine> engines = new ArrayList<>(List.of(new LocalFactorization()));
    ServiceLoader.load(FactorizationEngine.class).forEach(engines::add);
    return Services.named("--engine", engine, List.of(), engines, FactorizationEngine::name);
  }

  private FactorizationRequest request() throws IOException {
    int hash = Files.exists(Path.of(table)) ? -1 : table.lastIndexOf(ENTRY);
    int end = hash + ENTRY.length();
    Path file = Path.of(hash < 0 ? table : table.substring(0, end - 1));
    return new FactorizationRequest(
        InputFiles.readable(file, "a file of word vectors"),
        hash < 0 ? Optional.empty() : Optional.of(table.substring(end)),
        choice(),
        out,
        format,
        Optional.ofNullable(master));
  }

  @Override
  public Integer call() throws IOException {
    Instant started = Instant.now();
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a folder that does not exist yet");
    }
    UsageException.checkFolderAbove(out);
    FactorizationEngine chosen = engine();
    if (master != null && engine.equals(LocalFactorization.NAME)) {
      throw new UsageException("--master: expected --engine spark beside it");
    }
    FactorizationRequest request = request();
    Factorization card;
    try (FactorizationProgress progress = new FactorizationProgress(System.err)) {
      card = chosen.factorize(request, progress);
    }
    long bytes = Files.size(request.table());
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %,d words x %d; rank %d, %.1f %% removed, relative error %.4f%n"
                + "%s: %,d bytes instead of %,d, in %d s%n",
            table,
            card.words(),
            card.dimension(),
            card.rank(),
            100 * card.removed(),
            card.relativeError(),
            out,
            AtomicFiles.size(out),
            bytes,
            Duration.between(started, Instant.now()).toSeconds());
    spec.commandLine().getOut().flush();
    long written = AtomicFiles.size(out);
    if (written > bytes) {
      System.err.printf(
          Locale.ROOT,
          "warning: the factors take %,d bytes, more than the table's %,d: expected a smaller rank%s%n",
          written,
          bytes,
          format == VectorWriter.Layout.TEXT ? ", or --format binary" : "");
    }
    return 0;
  }
}
