package io.github.lowrank.foreign;

import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Unfinished;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;

/**
 * Compresses embedding tables of a SavedModel that somebody else made, with Keras or TensorFlow:
 * {@code Gather(E, ids)} becomes {@code Gather(W_a, ids) W_b} with the truncated SVD {@code E ~ W_a
 * W_b}.
 *
 * <p>The values come from the checkpoint's files. A variable keeps its name and its place in
 * checkpoint and object graph, but holds {@code W_a}; {@code W_b} is a constant of the graph or
 * function that looks up. Signatures, functions, assets and everything else stay. With fewer than
 * 32 bits {@code W_a} is stored in codes, with scale and minimum in each row.
 */
public final class ModelCompressor {
  /** Name that stands for the largest table that is looked up. */
  public static final String AUTO = "auto";

  private static final Pattern SLOT =
      Pattern.compile(
          "(.+)/(Adam|Adam_1|Momentum|Adagrad|RMSProp|RMSProp_1|Ftrl|Ftrl_1|Adadelta|Adadelta_1)");
  private static final int ATTEMPTS = 60;

  private final Path path;
  private final ModelGraph model;
  private final Map<ModelGraph, List<EmbeddingSite>> others = new LinkedHashMap<>();
  private final List<EmbeddingSite> sites;
  private final List<String> joined;

  /**
   * A float matrix of a model.
   *
   * @param name of its variable or constant
   * @param rows number of rows
   * @param columns number of columns
   * @param bytes of its numbers
   * @param lookups how often the graph and its functions look up rows of it
   * @param parts into how many variables it is partitioned
   * @param obstacle why it cannot be compressed; empty if it can
   */
  public record Table(
      String name, int rows, int columns, long bytes, int lookups, int parts, String obstacle) {
    static Table of(EmbeddingSite site) {
      return new Table(
          site.name(),
          site.rows(),
          site.columns(),
          site.bytes(),
          site.lookups(),
          site.parts().size(),
          site.lookups() == 0
              ? "no lookup of its rows was found"
              : String.join("; ", site.obstacles()));
    }

    @Override
    public String toString() {
      return "%s (%,d x %,d, %d lookups)".formatted(name, rows, columns, lookups)
          + (obstacle.isEmpty() ? "" : ": " + obstacle);
    }
  }

  /**
   * A table that was compressed.
   *
   * @param table as it was
   * @param rank of the factors; its number of columns if it was not factorized
   * @param relativeError of the factorization, in the Frobenius norm, before retraining
   * @param parameters numbers of both factors
   * @param bytes of the stored form
   */
  public record Compressed(
      Table table, int rank, double relativeError, long parameters, long bytes) {}

  /**
   * What was done.
   *
   * @param tables that were compressed
   * @param bytesBefore of all files of the model
   * @param bytesAfter likewise
   * @param differences of the outputs
   * @param notes on the model, in words
   */
  public record Outcome(
      List<Compressed> tables,
      long bytesBefore,
      long bytesAfter,
      List<ModelComparison.Difference> differences,
      List<String> notes) {
    /** The first table. */
    public Table table() {
      return tables.get(0).table();
    }

    /** Rank of the first table. */
    public int rank() {
      return tables.get(0).rank();
    }

    /** Error of the first table. */
    public double relativeError() {
      return tables.get(0).relativeError();
    }

    /** Numbers that are left of all tables. */
    public long parameters() {
      return tables.stream().mapToLong(Compressed::parameters).sum();
    }
  }

  private ModelCompressor(Path path, boolean pruned) throws IOException {
    this.path = path;
    List<ModelGraph> graphs = ModelGraph.of(path, pruned);
    this.model = graphs.get(0);
    this.joined = model.joinCopies();
    this.sites = Tables.of(model);
    graphs.subList(1, graphs.size()).forEach(other -> others.put(other, Tables.of(other)));
  }

  /** The float matrices of {@code model}, those that are looked up first, the largest first. */
  public static List<Table> tables(Path model) throws IOException {
    return tables(model, false);
  }

  /** Likewise, as they are when what only training needs is left out, if it is. */
  public static List<Table> tables(Path model, boolean stripped) throws IOException {
    try {
      return new ModelCompressor(model, stripped).sites.stream().map(Table::of).toList();
    } catch (IOException e) {
      throw naming(model, e);
    }
  }

  /** The same, with the model in its message. */
  private static IOException naming(Path model, IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains(model.toString()) ? e : new IOException(model + ": " + message, e);
  }

  /** How well the tables that {@code request} means can be factorized; writes nothing. */
  public static List<TableAdvice> advice(Path model, CompressionRequest request)
      throws IOException {
    List<TableAdvice> advice = new ArrayList<>();
    try {
      ModelCompressor compressor = new ModelCompressor(model, request.strip());
      List<EmbeddingSite> chosen = compressor.choose(request);
      CompressionRequest fitted = compressor.fit(request);
      for (EmbeddingSite site : chosen) {
        if (fitted.removed() > 0) {
          Matrix table = compressor.values(site);
          TruncatedSvd svd = TruncatedSvd.of(table, rank(site, fitted.removed()));
          advice.add(TableAdvice.of(site, table, svd, fitted.removed(), fitted.bits()));
        }
      }
    } catch (IOException e) {
      throw naming(model, e);
    }
    return advice;
  }

  /**
   * Compresses one table.
   *
   * @param model folder of a SavedModel
   * @param variable name of the table, or {@link #AUTO}
   * @param removed fraction of its numbers to remove, in (0, 1)
   * @param bits width of a stored number of {@code W_a}: 32, or 1 to 16
   * @param out folder that appears only when complete
   * @throws IOException if the model cannot be read or the table not be replaced; says why
   */
  public static Outcome compress(Path model, String variable, double removed, int bits, Path out)
      throws IOException {
    CompressionRequest request = CompressionRequest.of(removed).withBits(bits);
    return compress(
        model, variable.equals(AUTO) ? request : request.withTables(List.of(variable)), out);
  }

  /**
   * Compresses tables.
   *
   * @param model folder of a SavedModel
   * @param out folder that appears only when complete
   * @throws IOException if the model cannot be read or a table not be replaced; says why
   */
  public static Outcome compress(Path model, CompressionRequest request, Path out)
      throws IOException {
    SavedModels.check(model, SavedModels.metaGraph(model), request.trusted());
    try {
      ModelCompressor compressor = new ModelCompressor(model, request.strip());
      CompressionRequest fitted = measured(model, compressor.fit(request));
      Outcome[] outcome = new Outcome[1];
      AtomicFiles.folder(out, part -> outcome[0] = compressor.run(fitted, part));
      return outcome[0];
    } catch (IOException e) {
      throw naming(model, e);
    }
  }

  /** Writes the result without training or running it, to see whether its bytes are few enough. */
  private static CompressionRequest measured(Path model, CompressionRequest request)
      throws IOException {
    CompressionRequest fitted = request;
    long bytes = 0;
    for (int attempt = 0; request.maxBytes() > 0; attempt++) {
      Path trial = Files.createTempDirectory("lowrank-model");
      try (Unfinished unfinished = Unfinished.of(trial)) {
        ModelCompressor compressor = new ModelCompressor(model, request.strip());
        Factorized factorized = compressor.factorize(fitted);
        List<Compressed> compressed =
            compressor.write(fitted, factorized, factorized.factors(), trial, new ArrayList<>());
        bytes =
            AtomicFiles.size(trial)
                + CompressionCard.bound(model, compressor.model.meta, fitted, compressed);
      }
      if (bytes <= request.maxBytes()) {
        break;
      }
      if (attempt == ATTEMPTS) {
        throw unmet(request, bytes);
      }
      fitted = fitted.withRemoved(1 - (1 - fitted.removed()) * 0.9);
    }
    return fitted;
  }

  private static IOException unmet(CompressionRequest request, long bytes) {
    return new IOException(
        "--max-bytes %,d cannot be met: the result has at least %,d bytes"
            .formatted(request.maxBytes(), bytes));
  }

  private static int rank(EmbeddingSite site, double removed) throws IOException {
    try {
      return removed == 0
          ? site.columns()
          : Math.min(site.columns(), TableAdvice.rank(site, removed));
    } catch (IllegalArgumentException e) {
      throw new IOException(site.name() + ": " + e.getMessage(), e);
    }
  }

  /** The smallest fraction at which the result is estimated to have at most the bytes asked for. */
  private CompressionRequest fit(CompressionRequest request) throws IOException {
    List<EmbeddingSite> chosen = choose(request);
    if (request.maxBytes() == 0) {
      return request;
    }
    long kept = AtomicFiles.size(path) - strippedBytes(request);
    for (EmbeddingSite site : chosen) {
      kept -= site.bytes() * stored(site);
    }
    double best = -1;
    long least = 0;
    for (double removed = 0.998; removed > 0.001; removed -= 0.001) {
      long bytes = kept;
      boolean possible = true;
      for (EmbeddingSite site : chosen) {
        int rank =
            Math.max(
                1,
                (int)
                    ((1 - removed)
                        * site.rows()
                        * site.columns()
                        / (site.rows() + site.columns())));
        possible &=
            (long) rank * (site.rows() + site.columns()) < (long) site.rows() * site.columns();
        bytes +=
            stored(site)
                    * StoredTable.bytes(site.parts().get(0).type, site.rows(), rank, request.bits())
                + 4L * rank * site.columns() * scopes(site);
      }
      least = least == 0 ? bytes : least;
      if (!possible || bytes > request.maxBytes()) {
        break;
      }
      best = removed;
    }
    if (best < 0) {
      throw new IOException(
          ("--max-bytes %,d cannot be met: the rest of %s and the tables at rank 1 have about %,d"
                  + " bytes")
              .formatted(request.maxBytes(), path, least));
    }
    return request.withRemoved(best);
  }

  /** How often the files hold the table. */
  private static int stored(EmbeddingSite site) {
    Part part = site.parts().get(0);
    return part.kind == Part.Kind.CONSTANT ? part.holders.size() : Math.max(1, part.keys.size());
  }

  private static long scopes(EmbeddingSite site) {
    return site.parts().stream()
        .flatMap(p -> p.lookups.stream())
        .map(l -> l.scope().function())
        .distinct()
        .count();
  }

  /** Factors of the chosen tables by truncated SVD; null for what is not factorized. */
  private record Factorized(
      List<EmbeddingSite> sites, List<Matrix> tables, List<LowRank> factors, List<Double> errors) {}

  private Factorized factorize(CompressionRequest request) throws IOException {
    Factorized found =
        new Factorized(choose(request), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (EmbeddingSite site : found.sites()) {
      Matrix table = values(site);
      found.tables().add(table);
      if (request.removed() == 0) {
        found.factors().add(null);
        found.errors().add(0.0);
      } else {
        TruncatedSvd svd = TruncatedSvd.of(table, rank(site, request.removed()));
        found.factors().add(LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED)));
        found.errors().add(svd.relativeError());
      }
    }
    return found;
  }

  private Outcome run(CompressionRequest request, Path target) throws IOException {
    Factorized factorized = factorize(request);
    List<String> notes = new ArrayList<>();
    List<String> missing = joined.stream().filter(model.served()::contains).toList();
    if (!missing.isEmpty()) {
      notes.add(
          ("TensorFlow in C++ and Java cannot run the original, for nothing restores %s; they can"
                  + " run the result")
              .formatted(String.join(", ", missing)));
    }
    for (EmbeddingSite site : factorized.sites()) {
      if (!site.wholeUses().isEmpty()) {
        notes.add(
            ("%s: some ops take the whole table (%s): each call multiplies its factors, which costs"
                    + " time")
                .formatted(site.name(), String.join(", ", site.wholeUses())));
      }
    }
    try (Runnable original = runnable()) {
      List<LowRank> factors = factorized.factors();
      if (request.retraining().isPresent()) {
        factors =
            Distillation.train(
                model,
                original.path(),
                factorized.sites(),
                factors,
                factorized.tables(),
                request.retraining().get(),
                request.trusted(),
                notes);
      }
      List<String> lookedUp = lookedUp(factorized.sites());
      int own = factorized.sites().stream().mapToInt(EmbeddingSite::rows).min().orElse(1);
      int least =
          sites.stream().filter(s -> s.lookups() > 0).mapToInt(EmbeddingSite::rows).min().orElse(1);
      List<Compressed> compressed = write(request, factorized, factors, target, notes);
      List<ModelComparison.Difference> differences =
          ModelComparison.compare(
              original.path(),
              target,
              List.of(own, least, 5, 2, 1),
              lookedUp,
              request.texts(),
              request.trusted());
      CompressionCard.write(path, request, compressed, differences, notes, target);
      long bytes = AtomicFiles.size(target);
      if (request.maxBytes() > 0 && bytes > request.maxBytes()) {
        throw unmet(request, bytes);
      }
      return new Outcome(compressed, AtomicFiles.size(path), bytes, differences, notes);
    }
  }

  private List<Compressed> write(
      CompressionRequest request,
      Factorized factorized,
      List<LowRank> factors,
      Path target,
      List<String> notes)
      throws IOException {
    Map<String, CheckpointFile.Replacement> replaced = new TreeMap<>();
    List<Compressed> compressed = new ArrayList<>();
    strip(request, replaced, notes);
    for (int i = 0; i < factors.size(); i++) {
      compressed.add(
          replace(
              factorized.sites().get(i),
              factors.get(i),
              factorized.errors().get(i),
              request,
              replaced));
    }
    if (model.checkpoint.isPresent()) {
      model.checkpoint.get().copy(target.resolve("variables").resolve("variables"), replaced);
    }
    copyRest(path, target, true);
    Files.write(target.resolve(SavedModels.FILE), SavedModels.bytes(build()));
    return compressed;
  }

  private SavedModel build() {
    others.keySet().forEach(ModelGraph::build);
    return model.build();
  }

  private Compressed replace(
      EmbeddingSite site,
      LowRank factors,
      double error,
      CompressionRequest request,
      Map<String, CheckpointFile.Replacement> replaced)
      throws IOException {
    Matrix wa = factors == null ? values(site) : factors.wa().toMatrix();
    Matrix wb = factors == null ? null : factors.wb().toMatrix();
    PackedCodes codes =
        request.bits() < Float.SIZE
            ? PackedCodes.quantize(wa, request.bits(), PackedCodes.Granularity.PER_ROW)
            : null;
    StoredTable stored = new StoredTable(site.parts().get(0).type, wa, wb, codes);
    int first = 0;
    Map<String, List<Part>> byKey = new LinkedHashMap<>();
    for (Part part : site.parts()) {
      part.keys.forEach(key -> byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(part));
    }
    Map<Part, Integer> starts = new LinkedHashMap<>();
    for (Part part : site.parts()) {
      starts.put(part, first);
      first += part.rows;
    }
    byKey.forEach(
        (key, parts) -> {
          int rows = parts.stream().mapToInt(p -> p.rows).sum();
          replaced.put(
              key,
              new CheckpointFile.Replacement(
                  rows, stored.width(), stored.bytes(starts.get(parts.get(0)), rows)));
        });
    TableRewrite.replace(model, site, stored, starts);
    for (ModelGraph other : others.keySet()) {
      replaceIn(other, site, stored);
    }
    return new Compressed(
        Table.of(site),
        wa.columns(),
        error,
        wa.size() + (wb == null ? 0 : wb.size()),
        StoredTable.bytes(site.parts().get(0).type, site.rows(), wa.columns(), request.bits())
            + (wb == null ? 0 : 4L * wb.size()));
  }

  /** What {@code other} holds of {@code site}: its variables come from the same checkpoint. */
  private void replaceIn(ModelGraph other, EmbeddingSite site, StoredTable stored)
      throws IOException {
    Set<String> keys = keys(site);
    for (EmbeddingSite same : others.get(other)) {
      if (Collections.disjoint(keys(same), keys)) {
        continue;
      }
      boolean alike = same.rows() == site.rows() && same.parts().size() == site.parts().size();
      if (!alike || !same.obstacles().isEmpty()) {
        throw new IOException(
            "%s cannot be compressed: in the graph with the tags %s %s"
                .formatted(
                    site.name(),
                    other.tags(),
                    alike
                        ? String.join("; ", same.obstacles())
                        : "it is partitioned in another way"));
      }
      Map<Part, Integer> starts = new LinkedHashMap<>();
      int first = 0;
      for (Part part : same.parts()) {
        starts.put(part, first);
        first += part.rows;
      }
      TableRewrite.replace(other, same, stored, starts);
    }
  }

  private static Set<String> keys(EmbeddingSite site) {
    Set<String> keys = new LinkedHashSet<>();
    site.parts().forEach(part -> keys.addAll(part.keys));
    return keys;
  }

  private List<EmbeddingSite> choose(CompressionRequest request) throws IOException {
    Set<EmbeddingSite> chosen = new LinkedHashSet<>();
    for (String name : request.tables()) {
      EmbeddingSite site = find(name);
      if (!Table.of(site).obstacle().isEmpty()) {
        throw new IOException("%s cannot be compressed: %s".formatted(path, Table.of(site)));
      }
      chosen.add(site);
    }
    if (request.tables().isEmpty()) {
      for (EmbeddingSite site : sites) {
        boolean fits =
            request.minBytes() > 0 ? site.bytes() >= request.minBytes() : chosen.isEmpty();
        if (fits && Table.of(site).obstacle().isEmpty()) {
          chosen.add(site);
        }
      }
    }
    if (chosen.isEmpty()) {
      throw new IOException(
          "%s: expected %s, found %s"
              .formatted(
                  path,
                  request.minBytes() > 0
                      ? "a float matrix of at least %,d bytes whose rows are looked up"
                          .formatted(request.minBytes())
                      : "a float matrix whose rows are looked up",
                  found()));
    }
    return new ArrayList<>(chosen);
  }

  private EmbeddingSite find(String name) throws IOException {
    for (EmbeddingSite site : sites) {
      if (site.name().equals(name)
          || site.parts().stream().anyMatch(p -> p.name.equals(name) || p.holders.contains(name))) {
        return site;
      }
    }
    NodeDef node = model.graph().node(name);
    throw new IOException(
        "%s: expected a float matrix named %s, found %s"
            .formatted(
                path,
                name,
                node == null
                    ? found()
                    : "%s with the shape %s"
                        .formatted(
                            node.getOp(),
                            node
                                .getAttrOrDefault(
                                    "shape", org.tensorflow.proto.AttrValue.getDefaultInstance())
                                .getShape()
                                .getDimList()
                                .stream()
                                .map(org.tensorflow.proto.TensorShapeProto.Dim::getSize)
                                .toList())));
  }

  private String found() {
    boolean some = sites.stream().anyMatch(s -> s.lookups() > 0);
    List<String> tables =
        sites.stream()
            .filter(s -> !some || s.lookups() > 0)
            .limit(10)
            .map(s -> Table.of(s).toString())
            .toList();
    return tables.isEmpty() ? "no float matrix" : tables.toString();
  }

  private Matrix values(EmbeddingSite site) throws IOException {
    float[] values = new float[Math.multiplyExact(site.rows(), site.columns())];
    int start = 0;
    Map<String, Matrix> read = new LinkedHashMap<>();
    for (Part part : site.parts()) {
      float[] own;
      int from = 0;
      if (part.kind == Part.Kind.CONSTANT) {
        own =
            Numbers.constant(
                model
                    .scopes
                    .get(part.scope)
                    .node(part.holders.iterator().next())
                    .getAttrOrThrow("value")
                    .getTensor());
      } else {
        String key = part.keys.iterator().next();
        if (!read.containsKey(key)) {
          read.put(
              key,
              model
                  .checkpoint
                  .orElseThrow(() -> new IOException(path + " has no checkpoint"))
                  .matrix(key));
        }
        own = read.get(key).values();
        from = part.firstRow() * part.columns;
      }
      int length = part.rows * part.columns;
      if (own.length < from + length) {
        throw new IOException(
            "%s: expected %d x %d numbers, found %,d"
                .formatted(part.name, part.rows, part.columns, own.length));
      }
      System.arraycopy(own, from, values, start, length);
      start += length;
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(site.name() + " holds NaN or infinity: it cannot be factorized");
      }
    }
    return new Matrix(site.rows(), site.columns(), values);
  }

  /** The inputs of signatures that lead to a lookup; all, where lookups lie in functions. */
  private List<String> lookedUp(List<EmbeddingSite> chosen) {
    List<String> roots = new ArrayList<>();
    for (EmbeddingSite site : chosen) {
      for (Part part : site.parts()) {
        for (Part.Lookup lookup : part.lookups) {
          if (lookup.scope().isGraph()) {
            roots.add(lookup.scope().node(lookup.node()).getInput(1));
          } else {
            model.graph().nodes().forEach(n -> roots.add(n.getName()));
          }
        }
      }
    }
    Set<String> leading = model.graph().ancestors(roots);
    return model.meta.getSignatureDefMap().values().stream()
        .flatMap(s -> s.getInputsMap().values().stream())
        .map(info -> info.getName())
        .filter(name -> leading.contains(name.replaceFirst(":.*", "")))
        .distinct()
        .toList();
  }

  /** Values that only training needs: what an optimizer keeps, by its keys and the object graph. */
  private Map<String, SavedVariables> training() {
    Map<String, SavedVariables> found = new TreeMap<>();
    if (model.checkpoint.isEmpty()) {
      return found;
    }
    Set<String> slots = new LinkedHashSet<>();
    if (!model.meta.hasObjectGraphDef()) {
      for (EmbeddingSite site : sites) {
        Matcher slot = SLOT.matcher(site.name());
        if (slot.matches()
            && sites.stream().anyMatch(other -> other.name().equals(slot.group(1)))) {
          slots.addAll(site.parts().get(0).keys);
        }
      }
    }
    for (SavedObject object : model.meta.getObjectGraphDef().getNodesList()) {
      object
          .getSlotVariablesList()
          .forEach(
              slot -> {
                String key = model.objectKey(slot.getSlotVariableNodeId());
                if (key != null) {
                  slots.add(key);
                }
              });
    }
    for (EmbeddingSite site : sites) {
      for (Part part : site.parts()) {
        boolean unused = part.lookups.isEmpty() && part.whole.isEmpty() && part.slice.isEmpty();
        for (String key : unused ? part.keys : Set.<String>of()) {
          if (slots.contains(key)
              || key.startsWith("optimizer/")
              || key.contains("/.OPTIMIZER_SLOT/")) {
            found.put(key, new SavedVariables(site, part));
          }
        }
      }
    }
    return found;
  }

  private record SavedVariables(EmbeddingSite site, Part part) {}

  private long strippedBytes(CompressionRequest request) {
    return request.strip()
        ? training().keySet().stream()
            .map(key -> model.checkpoint.orElseThrow().entry(key))
            .mapToLong(BundleEntryProto::getSize)
            .sum()
        : 0;
  }

  /** Empties the matrices that only training needs; they keep their places. */
  private void strip(
      CompressionRequest request,
      Map<String, CheckpointFile.Replacement> replaced,
      List<String> notes)
      throws IOException {
    Map<String, SavedVariables> training = training();
    if (!request.strip()) {
      if (!training.isEmpty()) {
        notes.add(
            "%d matrices of an optimizer (%,d bytes) stay: --strip empties them"
                .formatted(training.size(), strippedBytes(request.stripped())));
      }
      return;
    }
    if (training.isEmpty()) {
      return;
    }
    long bytes = strippedBytes(request);
    for (Map.Entry<String, SavedVariables> entry : training.entrySet()) {
      Part part = entry.getValue().part();
      replaced.put(entry.getKey(), new CheckpointFile.Replacement(0, part.columns, new byte[0]));
      TableRewrite.empty(model, entry.getValue().site(), part);
      others.forEach(
          (other, matrices) ->
              matrices.forEach(
                  site ->
                      site.parts().stream()
                          .filter(p -> p.keys.contains(entry.getKey()))
                          .forEach(p -> TableRewrite.empty(other, site, p))));
    }
    notes.add(
        "%d matrices of an optimizer (%,d bytes) were emptied".formatted(training.size(), bytes));
  }

  /** A copy of {@code model} that Java can run, or the model itself. */
  static Runnable runnable(Path model) throws IOException {
    return new ModelCompressor(model, false).runnable();
  }

  private Runnable runnable() throws IOException {
    if (joined.isEmpty()) {
      return new Runnable(path, Optional.empty());
    }
    Path copy = Files.createTempDirectory("lowrank-model");
    Unfinished unfinished = Unfinished.of(copy);
    try {
      Files.write(copy.resolve(SavedModels.FILE), SavedModels.bytes(build()));
      copyRest(path, copy, false);
    } catch (IOException e) {
      unfinished.close();
      throw e;
    }
    return new Runnable(copy, Optional.of(unfinished));
  }

  /** A folder to run a model from, perhaps a temporary one. */
  record Runnable(Path path, Optional<Unfinished> temporary) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      if (temporary.isPresent()) {
        temporary.get().close();
      }
    }
  }

  private static void copyRest(Path model, Path target, boolean withoutVariables)
      throws IOException {
    for (Path file : AtomicFiles.files(model)) {
      Path relative = model.toRealPath().relativize(file);
      String name = relative.toString();
      // The fingerprint is one of the old graph, the card one of the old model.
      if (!(withoutVariables && relative.startsWith("variables"))
          && !name.equals(SavedModels.FILE)
          && !name.equals("fingerprint.pb")
          && !(withoutVariables && CompressionCard.FORMER.contains(name))) {
        Path copy = target.resolve(name);
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }
}
