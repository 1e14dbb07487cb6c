package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Intent data sets in folders {@code train}, {@code valid} and {@code test} with one text per line
 * in {@code seq.in} and its label on the same line of {@code label}.
 *
 * @param name short name and folder
 * @param description one line
 * @param licence terms
 * @param classes number of classes
 * @param sizes number of texts in train, dev and test
 * @param checksums of seq.in and label of train, valid and test, in this order
 * @param address folder on the web
 */
record ParallelLines(
    String name,
    String description,
    String licence,
    int classes,
    List<Integer> sizes,
    List<String> checksums,
    String address)
    implements DatasetSource {

  private static final List<String> SPLITS = List.of("train", "valid", "test");
  private static final String FEW_SHOT =
      "https://raw.githubusercontent.com/jianguoz/Few-Shot-Intent-Detection/main/Datasets/";

  static ParallelLines snips() {
    return new ParallelLines(
        "snips",
        "SNIPS voice-assistant intents, 7 classes",
        "CC0 1.0",
        7,
        List.of(13084, 700, 700),
        List.of(
            "04ad1e3f2121d83c6478f9a4b17d2dbdc21d06d6127f73cb7af835ed733f9855",
            "bfd7df6cf9dd76c5da5d8b61bc85f90386197bdd3d7510c1d324c051537b962f",
            "64e0f6d8ad8aab3a3828164d7d53731a0993d3ca1aed437ceaca6d3d568d410e",
            "9c1dd041216f647bcfca838aaf1a48eb5781e4404256d31ff07cd38a5436c52f",
            "c1e341173fcea2951a8ca371956a6f81c76de87b9583c62eb87edd6158fa3a7c",
            "37a26da3ad079bb41c42c85a3a8f827eb47efec4c5917ce5d08f4b2736e4f830"),
        "https://raw.githubusercontent.com/MiuLab/SlotGated-SLU/master/data/snips/");
  }

  static ParallelLines clinc150() {
    return new ParallelLines(
        "clinc150",
        "CLINC150 assistant intents, 150 classes",
        "CC BY 3.0",
        150,
        List.of(15000, 3000, 4500),
        List.of(
            "637f470c113c1260399ae220937798b56039ec7193c695ef1599fc351493dc9c",
            "6a6dce260a6d1e9fe9381da99c832698478777acf8e3b76175957d2cbbcb30dd",
            "9ee7c2988de8d3415bfd272f3c0857c615162b5e2f8cdee0c13127003418d47c",
            "9fe73d0ea52a8697da08e8f6a62cecfd54ede4e1114f591d3f66e9518fcb7ccd",
            "aa1ce72b5dd7e3ac7b60d35dc0e59ce481f80c1714733ba4d792c54d0b2d88d1",
            "23305bdd8312f289c70290db66ae8c51d19b6b8d2cc4130a744c4cc97cda06a6"),
        FEW_SHOT + "CLINC150/");
  }

  static ParallelLines banking77() {
    return new ParallelLines(
        "banking77",
        "BANKING77 customer questions, 77 classes",
        "CC BY 4.0",
        77,
        List.of(8622, 1540, 3080),
        List.of(
            "89a1efb29a2a306e9bb7bcfd0d1ce6b52fa68cb8fdd3ba55cf47d9313f234bda",
            "24a57f715e0e895a5d31aee19975a999ad767b8a0006123df7d36e48c9620fec",
            "ab2f65c221ee3cb55fd6e49473e443cef7f1305b8076fe2f2e00ad73c4b661c4",
            "4ae5df44bcf58ba16b6069fb0e60cfc84c908a8c2f4b7613e07169f4d8986893",
            "0fee79ac6587b8842e7c6a2aeef90f336e91a1b4556524b6a43e4fcfdd9d49d4",
            "70ae5f494bf8ad54d9315333bf8bc69ebb52fd8604bb7a3c0cbd0487d8695c18"),
        FEW_SHOT + "BANKING77/");
  }

  @Override
  public boolean tokenized() {
    return false;
  }

  @Override
  public List<DataFile> files() {
    List<DataFile> files = new ArrayList<>();
    for (int i = 0; i < SPLITS.size(); i++) {
      String folder = SPLITS.get(i) + "/";
      files.add(
          DataFile.file(
              name + "/" + folder + "seq.in", checksums.get(2 * i), address + folder + "seq.in"));
      files.add(
          DataFile.file(
              name + "/" + folder + "label", checksums.get(2 * i + 1), address + folder + "label"));
    }
    return files;
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    List<DataFile> files = files();
    List<List<String>> lines = new ArrayList<>();
    for (DataFile file : files) {
      lines.add(Lines.decode(root.location(file), root.read(file), StandardCharsets.UTF_8));
    }
    List<String> labels = List.copyOf(new TreeSet<>(lines.get(1)));
    if (labels.size() != classes) {
      throw new DatasetException(
          "%s: expected %d classes, found %d"
              .formatted(root.location(files.get(1)), classes, labels.size()));
    }
    List<Split> splits = new ArrayList<>();
    for (int i = 0; i < SPLITS.size(); i++) {
      splits.add(
          pair(
              root.location(files.get(2 * i)),
              lines.get(2 * i),
              root.location(files.get(2 * i + 1)),
              lines.get(2 * i + 1),
              labels));
      if (splits.get(i).size() != sizes.get(i)) {
        throw new DatasetException(
            "%s: expected %d lines, found %d"
                .formatted(root.location(files.get(2 * i)), sizes.get(i), splits.get(i).size()));
      }
    }
    return new Dataset(labels, splits.get(0), splits.get(1), splits.get(2));
  }

  static Split.InMemory pair(
      String textFile,
      List<String> texts,
      String labelFile,
      List<String> names,
      List<String> labels)
      throws DatasetException {
    if (texts.size() != names.size()) {
      throw new DatasetException(
          "%s has %d lines, but %s has %d: expected a label for every text"
              .formatted(textFile, texts.size(), labelFile, names.size()));
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      numbers.put(labels.get(i), i);
    }
    int[] classes = new int[texts.size()];
    for (int i = 0; i < classes.length; i++) {
      Integer number = numbers.get(names.get(i));
      if (number == null) {
        throw Lines.malformed(
            labelFile,
            i + 1,
            "one of the " + labels.size() + " labels of train",
            "'" + names.get(i) + "'");
      }
      classes[i] = number;
    }
    return Split.of(texts, classes);
  }
}
