package io.github.lowrank.fuzz;

import io.github.lowrank.datasets.CatalogueReading;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.UnknownLabels;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Report;
import io.github.lowrank.experiments.run.FormerProvenance;
import io.github.lowrank.experiments.run.StateReading;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.foreign.CheckpointReading;
import io.github.lowrank.foreign.ModelCompressor;
import io.github.lowrank.foreign.ModelInspection;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.FloatFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.VectorFile;
import io.github.lowrank.text.VectorTable;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.text.WordPieceVectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.tensorflow.proto.SavedModel;

/** Everything that reads a file which somebody may have damaged, with whole files to damage. */
final class Readers {
  /** Share of readers that need no file. */
  private static final int QUICK = 30;

  private static final Path RESULTS = Path.of("../results/sst2-dan");
  private static final Path FORMER = Path.of("src/test/resources/former/sst2-dan");
  private static final Vocabulary WORDS =
      Vocabulary.of(List.<String[]>of(new String[] {"the", "cat", "sat"}));

  private final Path folder;
  private final List<Reader> all = new ArrayList<>();

  /**
   * A reader.
   *
   * @param share of the time, in parts
   * @param most inputs without {@code -Pfuzz}: those that were all tried before they came here, so
   *     that a faster machine finds nothing new
   * @param damage makes a damaged file
   * @param file where a damaged one is put; null for a reader of bytes
   * @param named what a message must name
   */
  record Reader(
      String name,
      int share,
      int most,
      Function<Mutations, byte[]> damage,
      Path file,
      Object named,
      Reading reading) {
    /** Reads an input as {@code seed} damages it; whether it was refused. */
    boolean refuses(long seed) throws IOException {
      byte[] bytes = damage.apply(new Mutations(seed));
      if (file != null) {
        Fuzz.put(file, bytes);
      }
      return Fuzz.refuses(named, () -> reading.read(bytes));
    }
  }

  /** Reads bytes, which stand in the reader's file as well. */
  interface Reading {
    void read(byte[] bytes) throws IOException;
  }

  private Readers(Path folder) {
    this.folder = folder;
  }

  /** All readers; their files are in {@code folder}. */
  static List<Reader> all(Path folder) throws IOException {
    Readers readers = new Readers(folder);
    readers.texts();
    readers.vectors();
    readers.records();
    readers.models();
    readers.compact();
    return readers.all;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path file(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name.replaceAll("\\W+", "-"))).resolve(name);
  }

  private void add(String name, int share, List<byte[]> seeds, Path file, Reading reading) {
    all.add(
        new Reader(
            name,
            share,
            share < QUICK ? 250 * share : 340_000,
            m -> m.bytes(seeds),
            file,
            file == null ? name : file,
            reading));
  }

  private void texts() throws IOException {
    List<byte[]> tables =
        List.of(
            utf8("text,label\n\"a, \"\"b\"\"\nc\",x\nd,y\n,x\n"),
            utf8("\ufefftext\tlabel\ta\nd e\ty\t1\nf\tx\t2\n"));
    for (String ending : List.of("csv", "tsv")) {
      Path file = file("table." + ending);
      add(
          "LabelledFile " + ending,
          8,
          tables,
          file,
          b ->
              LabelledFile.read(
                  file, new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8)));
    }
    Path numbered = file("numbered.csv");
    add(
        "LabelledFile columns",
        4,
        tables,
        numbered,
        b ->
            LabelledFile.read(
                numbered, new LabelledFile.Columns("1", "2", StandardCharsets.UTF_16LE)));
    Path json = file("lines.jsonl");
    add(
        "LabelledFile jsonl",
        8,
        List.of(
            utf8("{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"\\ud83d\\ude00\",\"label\":1}\n"),
            utf8("{\"label\":true,\"text\":3.5,\"more\":{\"a\":[1,null]}}\n")),
        json,
        b ->
            LabelledFile.read(
                json, new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8)));
    List<byte[]> fast = List.of(utf8("__label__x a b\n__label__y c\r\n\n__label__x\n"));
    Path fastText = file("texts.ft");
    add(
        "LabelledFile fastText",
        8,
        fast,
        fastText,
        b -> {
          LabelledFile.texts(fastText, "text");
          UnknownLabels unknown = new UnknownLabels(List.of("x"), "others");
          LabelledFile.read(
              fastText,
              new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
              (index, line, text, label) -> unknown.count(label, line));
          unknown.message(fastText);
        });
    Path own = file("own.csv");
    OwnFiles files =
        new OwnFiles(
            own,
            Optional.empty(),
            HoldOut.share(0.5),
            Optional.of(own),
            Optional.empty(),
            new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
            Integer.MAX_VALUE);
    add(
        "OwnFiles",
        4,
        List.of(utf8("text,label\n" + "a,x\nb,y\nc,x\nd,y\n".repeat(3))),
        own,
        b -> files.load(new DataRoot(folder)).train().read((text, label) -> {}));
    add(
        "LabelledLines",
        30,
        List.of(utf8("1 a \\/ b\n0 c\n5\n")),
        null,
        b -> CatalogueReading.labelledLines("LabelledLines", b));
    add(
        "ParallelLines",
        30,
        List.of(utf8("x\ny\nx\n")),
        null,
        b -> CatalogueReading.parallelLines("ParallelLines", b));
    add(
        "WordNetGlosses",
        30,
        List.of(utf8("  1 licence\n00001740 03 n 01 e 0 000 | that; \"an example\"  \n")),
        null,
        b -> CatalogueReading.glosses("WordNetGlosses", b));
  }

  private static byte[] binary() {
    ByteBuffer bytes = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(utf8("2 3\nthe ")).putFloat(.1f).putFloat(2).putFloat(-3).put(utf8("\ncat "));
    bytes.putFloat(0).putFloat(1e-9f).putFloat(3).put((byte) '\n');
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private void vectors() throws IOException {
    List<byte[]> plain =
        List.of(
            utf8("the 1 2 3\nnew york 4 5 6\n"), utf8("2 2\nthe .5 1e-3\ncat -1 7\n"), binary());
    Path text = file("vectors");
    add("VectorFile", 16, plain, text, b -> VectorFile.read(text, Optional.empty(), WORDS));
    add(
        "VectorTable",
        16,
        plain,
        text,
        b -> VectorTable.open(text, Optional.empty()).forEach(VectorTable.Words::read));
    List<byte[]> packed = new ArrayList<>();
    for (byte[] bytes : plain) {
      ByteArrayOutputStream gzip = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
        out.write(bytes);
      }
      packed.add(gzip.toByteArray());
      ByteArrayOutputStream zip = new ByteArrayOutputStream();
      try (ZipOutputStream out = new ZipOutputStream(zip)) {
        out.putNextEntry(new ZipEntry("v"));
        out.write(bytes);
      }
      packed.add(zip.toByteArray());
    }
    Path archive = file("vectors.gz");
    add(
        "VectorFile packed",
        8,
        packed,
        archive,
        b -> VectorFile.read(archive, Optional.empty(), WORDS));
    byte[] onnx = onnx();
    byte[] tokenizer = utf8("{\"model\":{\"vocab\":{\"[UNK]\":0,\"th\":1,\"##e\":2,\"cat\":3}}}");
    add("WordPieceVectors", 4, List.of(onnx), null, b -> vector("WordPieceVectors", b, tokenizer));
    add(
        "WordPieceVectors json",
        4,
        List.of(tokenizer),
        null,
        b -> vector("WordPieceVectors json", onnx, b));
    Path floats = file("table.f32");
    add(
        "FloatFile",
        4,
        List.of(new byte[48]),
        floats,
        b -> {
          try (FloatFile file = FloatFile.open(floats, 3)) {
            file.read(0, file.rows());
          }
        });
  }

  private static void vector(String name, byte[] onnx, byte[] tokenizer) throws IOException {
    WordPieceVectors.read(
            name, new ByteArrayInputStream(onnx), new ByteArrayInputStream(tokenizer), 2)
        .vector("the");
  }

  /** ModelProto.graph(7).initializer(5): dims(1), data_type(2), name(8), raw_data(9). */
  private static byte[] onnx() throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 12; i++) {
      raw.putFloat((i * 7 % 5) / 3f);
    }
    byte[] name = utf8("embeddings.word_embeddings.weight");
    byte[] tensor = field(9, raw.array(), field(8, name, new byte[] {0x08, 4, 0x08, 3, 0x10, 1}));
    return field(7, field(5, tensor, new byte[0]), new byte[] {0x08, 8});
  }

  private static byte[] field(int number, byte[] content, byte[] before) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(before);
    com.google.protobuf.CodedOutputStream coded =
        com.google.protobuf.CodedOutputStream.newInstance(out);
    coded.writeByteArray(number, content);
    coded.flush();
    return out.toByteArray();
  }

  private void records() throws IOException {
    Experiment experiment = Tiny.experiment(Files.createDirectories(folder.resolve("tiny")), "t");
    Path json = file("experiment.json");
    add(
        "Json experiment",
        12,
        List.of(utf8(Json.pretty(experiment))),
        json,
        b -> Json.read(json, Experiment.class));
    List<byte[]> states =
        StateReading.seeds(
            Files.createDirectories(folder.resolve("states")),
            experiment,
            new Dense(new Matrix(2, 2, new float[4])));
    Path array = file("state");
    add("ArrayFile", 8, states, array, b -> StateReading.read(array));
    Path sealed = file("sealed");
    add(
        "ArrayFile sealed",
        16,
        states,
        sealed,
        b -> {
          Fuzz.put(sealed, sealed(b));
          StateReading.read(sealed);
        });
    run(Row.FILE, "Row", 8, Row::read);
    run(History.FILE, "History", 8, f -> History.read(f.getParent()));
    run(Bits.FILE, "Bits", 8, f -> Bits.read(f.getParent()));
    run(Provenance.FILE, "Provenance", 8, f -> Provenance.read(f.getParent()));
    for (String name : List.of(Row.FILE, History.FILE, Bits.FILE, Provenance.FILE)) {
      Path whole = folder.resolve("run " + name);
      AtomicFiles.copy(RESULTS, whole);
      Path file = whole.resolve(name);
      add(
          "Report of " + name,
          4,
          List.of(cut(Files.readAllBytes(file), name)),
          file,
          b -> Report.render(whole));
    }
    Path former = folder.resolve("former");
    AtomicFiles.copy(FORMER, former);
    byte[] rows = Files.readAllBytes(former.resolve(Row.FILE));
    Path old = former.resolve(Provenance.FILE);
    add(
        "FormerProvenance",
        4,
        List.of(Files.readAllBytes(old)),
        old,
        b -> {
          Fuzz.put(former.resolve(Row.FILE), rows);
          FormerProvenance.convert(former);
        });
  }

  /** With the right checksum, so that what is inside is read. */
  private static byte[] sealed(byte[] bytes) {
    int length = Math.max(0, bytes.length - 32);
    byte[] sum = HexFormat.of().parseHex(AtomicFiles.checksum(Arrays.copyOf(bytes, length)));
    byte[] sealed = Arrays.copyOf(bytes, length + sum.length);
    System.arraycopy(sum, 0, sealed, length, sum.length);
    return sealed;
  }

  private interface FileReading {
    void read(Path file) throws IOException;
  }

  private void run(String name, String reader, int share, FileReading reading) throws IOException {
    Path file = folder.resolve(reader).resolve(name);
    Files.createDirectories(file.getParent());
    byte[] seed = cut(Files.readAllBytes(RESULTS.resolve(name)), name);
    add(reader, share, List.of(seed), file, b -> reading.read(file));
  }

  /** The first lines of a table are as good as all. */
  private static byte[] cut(byte[] bytes, String name) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return name.endsWith(".csv") && !name.equals(Row.FILE) && !name.equals(Bits.FILE)
        ? utf8(String.join("\n", text.lines().limit(12).toList()) + "\n")
        : bytes;
  }

  private void models() throws IOException {
    Path models = Files.createDirectories(folder.resolve("models"));
    Models.write(models);
    Path checkpoint = folder.resolve("checkpoint");
    List<byte[]> indices = new ArrayList<>();
    try (Stream<Path> all = Files.list(models)) {
      for (Path model : all.sorted().toList()) {
        if (Files.isDirectory(model.resolve("variables"))) {
          indices.add(Files.readAllBytes(model.resolve("variables/variables.index")));
          AtomicFiles.delete(checkpoint);
          AtomicFiles.copy(model.resolve("variables"), checkpoint);
        }
      }
    }
    try (Stream<Path> folders = Files.list(models)) {
      for (Path model : folders.sorted().toList()) {
        SavedModel saved = SavedModels.parse(model);
        Map<String, List<Object>> values = Mutations.values(saved);
        all.add(
            new Reader(
                "SavedModel " + model.getFileName(),
                4,
                200,
                m -> m.message(saved, values).toByteArray(),
                model.resolve(SavedModels.FILE),
                model,
                b -> {
                  ModelInspection.of(model);
                  ModelCompressor.tables(model, true);
                  ModelCompressor.tables(model);
                }));
      }
    }
    Path index = checkpoint.resolve("variables.index");
    all.add(
        new Reader(
            "CheckpointFile",
            8,
            2000,
            m -> m.bytes(indices),
            index,
            checkpoint,
            b -> CheckpointReading.read(checkpoint.resolve("variables"))));
  }

  /** Undamaged files are found by their checksum, so only they may answer. */
  private void compact() throws IOException {
    List<byte[]> files = Models.compact(Files.createDirectories(folder.resolve("compact")));
    add(
        "Compact",
        8,
        files,
        null,
        b -> {
          Predictor.of(b, "Compact");
          if (files.stream().noneMatch(file -> Arrays.equals(file, b))) {
            throw new IllegalStateException("a damaged file was read");
          }
        });
    add(
        "Compact resealed",
        16,
        files,
        null,
        b -> {
          Predictor predictor = Predictor.of(resealed(b), "Compact resealed");
          float[] probabilities = new float[predictor.labels().size()];
          for (String text : List.of("w1 w2 W3 unknown w4's \u03a3 w39", "", "w7")) {
            int best = predictor.predict(text, probabilities);
            predictor.labels().get(best);
          }
        });
  }

  /** With the right length and checksum, so that what is inside is read. */
  private static byte[] resealed(byte[] bytes) {
    if (bytes.length < CompactFormat.HEADER + CompactFormat.CHECKSUM) {
      return bytes;
    }
    byte[] sealed = bytes.clone();
    ByteBuffer buffer = ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(CompactFormat.magic().length + Integer.BYTES, sealed.length);
    CRC32 checksum = new CRC32();
    checksum.update(sealed, 0, sealed.length - CompactFormat.CHECKSUM);
    buffer.putInt(sealed.length - CompactFormat.CHECKSUM, (int) checksum.getValue());
    return sealed;
  }
}
