package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The glosses of WordNet 3.1's nouns, to be classified by lexicographer file ({@code noun.animal},
 * {@code noun.food}, ...): 82,192 short definitions, 26 classes. Quoted examples are dropped. There
 * is no official split: a hash of the synset's offset assigns a tenth to dev and a tenth to test.
 */
public record WordNetGlosses() implements DatasetSource {
  private static final DataFile FILE =
      DataFile.bundled(
          "net/sf/extjwnl/data/wordnet/wn31/data.noun",
          "2cad22fe43461ee7ae61a564ae6a518c57445c8597e53542caddb5c26a6a5d94");
  private static final int FIRST_FILE = 3;
  private static final List<String> CLASSES =
      List.of(
          "Tops",
          "act",
          "animal",
          "artifact",
          "attribute",
          "body",
          "cognition",
          "communication",
          "event",
          "feeling",
          "food",
          "group",
          "location",
          "motive",
          "object",
          "person",
          "phenomenon",
          "plant",
          "possession",
          "process",
          "quantity",
          "relation",
          "shape",
          "state",
          "substance",
          "time");

  @Override
  public String name() {
    return "wordnet-glosses";
  }

  @Override
  public String description() {
    return "WordNet 3.1 noun glosses by lexicographer file, 26 classes";
  }

  @Override
  public String licence() {
    return "WordNet licence (BSD-like)";
  }

  @Override
  public boolean tokenized() {
    return false;
  }

  @Override
  public List<DataFile> files() {
    return List.of(FILE);
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    return parse(FILE.path(), root.read(FILE));
  }

  static Dataset parse(String file, byte[] bytes) throws DatasetException {
    List<List<String>> texts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<List<Integer>> labels = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<String> lines = Lines.decode(file, bytes, StandardCharsets.US_ASCII);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("  ")) {
        continue; // the licence text
      }
      int bar = line.indexOf(" | ");
      String[] fields = line.split(" ", 3);
      if (bar < 0 || fields.length < 3 || !fields[0].matches("\\d{8}")) {
        throw Lines.malformed(
            file, i + 1, "a synset: offset, file number, ... | gloss", abbreviate(line));
      }
      int label = fields[1].matches("\\d\\d") ? Integer.parseInt(fields[1]) - FIRST_FILE : -1;
      if (label < 0 || label >= CLASSES.size()) {
        throw Lines.malformed(file, i + 1, "a noun file number in 03 .. 28", "'" + fields[1] + "'");
      }
      String gloss =
          line.substring(bar + 3).replaceAll("\"[^\"]*\"?", " ").replaceAll("[;\\s]+$", "").strip();
      int split = split(Long.parseLong(fields[0]));
      texts.get(split).add(gloss);
      labels.get(split).add(label);
    }
    return new Dataset(
        CLASSES,
        split(texts.get(0), labels.get(0)),
        split(texts.get(1), labels.get(1)),
        split(texts.get(2), labels.get(2)));
  }

  private static Split split(List<String> texts, List<Integer> labels) {
    return Split.of(texts, labels.stream().mapToInt(Integer::intValue).toArray());
  }

  /** 0 train, 1 dev, 2 test, by the finalizer of SplitMix64. */
  private static int split(long offset) {
    long z = offset + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return switch ((int) Long.remainderUnsigned(z ^ (z >>> 31), 10)) {
      case 0 -> 1;
      case 1 -> 2;
      default -> 0;
    };
  }

  private static String abbreviate(String line) {
    return "'" + (line.length() > 40 ? line.substring(0, 40) + "..." : line) + "'";
  }
}
