package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A user's own labelled files as a data set.
 *
 * @param train training texts
 * @param dev texts for selection; if absent, a share of the training texts, chosen by a hash of the
 *     text
 * @param devShare that share, in (0, 1)
 * @param test texts that are scored once, at the end; optional
 * @param text column or key of the text, by name or by number from 1
 * @param label column or key of the label
 * @param charset of all files
 */
public record OwnFiles(
    Path train,
    Optional<Path> dev,
    double devShare,
    Optional<Path> test,
    String text,
    String label,
    Charset charset)
    implements DatasetSource {

  @Override
  public String name() {
    return train.getFileName().toString();
  }

  @Override
  public String description() {
    return "own files";
  }

  @Override
  public String licence() {
    return "the user's";
  }

  @Override
  public boolean tokenized() {
    return false;
  }

  @Override
  public List<DataFile> files() throws IOException {
    List<DataFile> files = new ArrayList<>();
    for (Path file : Stream.of(Optional.of(train), dev, test).flatMap(Optional::stream).toList()) {
      files.add(DataFile.file(file.toString(), DataRoot.checksum(file)));
    }
    return files;
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    List<LabelledFile.Example> learn = read(train);
    List<String> labels =
        List.copyOf(new TreeSet<>(learn.stream().map(LabelledFile.Example::label).toList()));
    if (labels.size() < 2) {
      throw new DatasetException(
          "%s: expected at least 2 classes, found only '%s'".formatted(train, labels.get(0)));
    }
    Map<String, Integer> numbers = new TreeMap<>();
    for (int i = 0; i < labels.size(); i++) {
      numbers.put(labels.get(i), i);
    }
    List<String> unknown = new ArrayList<>();
    Split trainSplit;
    Split devSplit;
    if (dev.isPresent()) {
      trainSplit = split(learn, numbers);
      devSplit = scored(dev.get(), numbers, unknown);
    } else {
      List<LabelledFile.Example> kept = new ArrayList<>();
      List<LabelledFile.Example> held = new ArrayList<>();
      for (LabelledFile.Example example : learn) {
        int hash = example.text().hashCode() * 0x9E3779B9;
        (Integer.remainderUnsigned(hash >>> 4, 1000) < 1000 * devShare ? held : kept).add(example);
      }
      if (held.isEmpty() || kept.isEmpty()) {
        throw new DatasetException(
            "%s: %d texts, %d of them different, are too few to hold out a share of %s: name a file with --dev"
                .formatted(
                    train,
                    learn.size(),
                    learn.stream().map(LabelledFile.Example::text).distinct().count(),
                    devShare));
      }
      trainSplit = split(kept, numbers);
      devSplit = split(held, numbers);
    }
    Split testSplit =
        test.isPresent() ? scored(test.get(), numbers, unknown) : new Split(List.of(), new int[0]);
    return new Dataset(labels, trainSplit, devSplit, testSplit, unknown);
  }

  private Split scored(Path file, Map<String, Integer> numbers, List<String> unknown)
      throws IOException {
    List<LabelledFile.Example> examples = read(file);
    LabelledFile.unknown(file, examples, numbers.keySet(), "the training texts")
        .ifPresent(unknown::add);
    return split(examples, numbers);
  }

  private List<LabelledFile.Example> read(Path file) throws IOException {
    return LabelledFile.read(file, text, label, charset);
  }

  private static Split split(List<LabelledFile.Example> examples, Map<String, Integer> numbers) {
    return new Split(
        examples.stream().map(LabelledFile.Example::text).toList(),
        examples.stream().mapToInt(e -> numbers.getOrDefault(e.label(), Split.UNKNOWN)).toArray());
  }
}
