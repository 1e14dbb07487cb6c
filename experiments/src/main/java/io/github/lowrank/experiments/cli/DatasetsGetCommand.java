package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetException;
import io.github.lowrank.datasets.Download;
import io.github.lowrank.io.FolderLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = {
      "Downloads data sets and word vectors into the data folder.",
      "A file gets its name when its SHA-256 is the catalogue's; until then it is NAME.part, which "
          + "the next get continues. Proxies are those of Java's system properties: "
          + "LOWRANK_JAVA_OPTS='-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank datasets get trec snips",
      "  lowrank datasets get --all --data DIR --from https://files.example.org/lowrank-data"
    })
final class DatasetsGetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Parameters(paramLabel = "NAME", description = "Data sets or word vectors, by name.")
  private List<String> names = List.of();

  @Option(names = "--all", description = "Everything that has an address.")
  private boolean all;

  @Option(
      names = "--from",
      paramLabel = "URL|DIR",
      description =
          "Take the files from here: a folder, or the address of one, with the layout of the data folder.")
  private String from;

  @Option(
      names = "--replace",
      description = "Replace files of the same name that are not those of the catalogue.")
  private boolean replace;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Longest wait for the next bytes (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private int timeout;

  private PrintWriter out;
  private DataRoot root;
  private Source mirror;
  private Download download;
  private DownloadProgress progress;
  private FolderLock lock;

  /** A folder of the data root's layout: exactly one of both is null. */
  private record Source(URI address, Path folder) {
    static Source of(String text) {
      if (text.matches("(?i)https?://.*")) {
        try {
          URI uri = new URI(text.endsWith("/") ? text : text + "/");
          if (uri.getHost() != null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && uri.getRawUserInfo() == null) {
            return new Source(uri, null);
          }
        } catch (URISyntaxException e) {
          // said below
        }
        throw new UsageException(
            "--from " + text + ": expected http(s)://HOST/PATH without user, query or fragment");
      }
      try {
        Path folder = text.startsWith("file:") ? Path.of(URI.create(text)) : Path.of(text);
        if (Files.isDirectory(folder)) {
          return new Source(null, folder);
        }
      } catch (IllegalArgumentException e) { // InvalidPathException is one
        // said below
      }
      throw new UsageException("--from " + text + ": expected a folder or an http(s) address");
    }

    /** Address of the file of that path; null if it is in a folder. */
    URI resolve(String path) {
      try {
        return address == null
            ? null
            : address.resolve(new URI(null, null, path, null).getRawPath());
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException(e);
      }
    }
  }

  private final Set<DataFile> replaced = new HashSet<>();

  @Override
  public Integer call() throws IOException {
    List<DatasetsCommand.Entry> entries = DatasetsCommand.entries();
    DatasetsCommand.checkNames(names, entries);
    if (all != names.isEmpty()) {
      throw new UsageException(
          all ? "expected names or --all, found both" : "expected names, or --all");
    }
    if (timeout < 1) {
      throw new UsageException("--timeout " + timeout + ": expected at least 1");
    }
    out = spec.commandLine().getOut();
    root = data.rootToFill();
    mirror = from == null ? null : Source.of(from);
    progress = new DownloadProgress(System.err, out);
    download = new Download(Duration.ofSeconds(timeout), replace, progress);
    boolean complete = true;
    try {
      for (DatasetsCommand.Entry entry : entries) {
        if (all || names.contains(entry.name())) {
          complete &= get(entry);
        }
      }
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
    return complete ? 0 : 1;
  }

  private boolean get(DatasetsCommand.Entry entry) throws IOException {
    out.printf("%s: %s (licence: %s)%n", entry.name(), entry.description(), entry.licence());
    boolean complete = true;
    for (DataFile file : entry.files()) {
      try {
        complete &= get(file);
      } catch (FolderLock.HeldException e) {
        throw e;
      } catch (IOException e) {
        progress.close();
        spec.commandLine().getErr().printf("lowrank: %s: %s%n", entry.name(), Cli.message(e));
        complete = false;
        if (!(e instanceof DatasetException)) {
          break; // the source or the disk: what is next would fail alike
        }
      }
    }
    return complete;
  }

  private boolean get(DataFile file) throws IOException {
    if (here(file)) {
      return true;
    }
    if (file.bundled()) {
      out.printf("  %-8s %s, which Maven fetches when it is used%n", "skipped", file.path());
      return true;
    }
    URI address = mirror == null ? address(file) : mirror.resolve(file.path());
    if (mirror == null && address == null) {
      String line =
          "%s has no address%s: put it there, or name a place that has it with --from"
              .formatted(
                  root.location(file),
                  file.address().map(a -> " to download from, see " + a).orElse(""));
      if (!all) {
        throw new DatasetException(line);
      }
      out.printf("  %-8s %s%n", "skipped", line);
      return true;
    }
    if (lock == null) { // not before: a folder that has everything may be read-only
      lock = FolderLock.take(root.folder().resolve(".get.lock"), root.folder());
      if (here(file)) {
        return true;
      }
    }
    out.printf("  %-8s %s%n", "getting", root.location(file));
    out.printf(
        "           from %s%n", address != null ? address : mirror.folder().resolve(file.path()));
    if (address != null) {
      download.get(address, file, root);
    } else {
      download.copy(mirror.folder(), file, root);
    }
    progress.close();
    out.printf("  %-8s SHA-256 is the catalogue's%n", "ok");
    return true;
  }

  /** What can be downloaded; the catalogue may also say in words where to look. */
  private static URI address(DataFile file) {
    try {
      return file.address()
          .filter(a -> a.matches("(?i)https?://.*"))
          .map(URI::create)
          .filter(uri -> uri.getHost() != null)
          .orElse(null);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Whether the file is there as the catalogue knows it; another one is a failure. */
  private boolean here(DataFile file) throws IOException {
    if (!root.has(file)) {
      return false;
    }
    try {
      root.verify(file);
    } catch (DatasetException e) {
      if (replace && !file.bundled()) {
        if (replaced.add(file)) { // once, though it is looked at again under the lock
          out.printf(Locale.ROOT, "  %-8s %s, another file%n", "replaces", root.location(file));
        }
        return false;
      }
      throw file.bundled()
          ? e
          : new DatasetException(e.getMessage() + "; it is kept, --replace replaces it");
    }
    out.printf("  %-8s %s%n", "here", root.location(file));
    return true;
  }
}
